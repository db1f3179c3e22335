package phi

// Names of drugs: WHO international nonproprietary names (INN) that no stem covers,
// in English with the endings that German, French and Spanish give them, and brands.
// The stems are those of the WHO Stem Book (WHO/EMP/RHT/TSN/2018.1), the names those
// of the WHO Model List of Essential Medicines and of the drugs that US and European
// registers list as sold most.

const generics = `
acetaminophen paracetamol ibuprofen naproxen diclofenac ketorolac indomethacin meloxicam celecoxib aspirin acetylsalicylic metamizole metamizol novaminsulfon tramadol codeine morphine
morphin morfina oxycodone oxycodon hydrocodone hydromorphone fentanyl methadone buprenorphine tapentadol pethidine meperidine naloxone naltrexone gabapentin pregabalin carbamazepine
oxcarbazepine lamotrigine levetiracetam topiramate valproate valproic phenytoin phenobarbital lacosamide zonisamide ethosuximide metformin metformine metformina glipizide glyburide glibenclamide
glimepiride gliclazide pioglitazone insulin insulina insuline liraglutide semaglutide dulaglutide exenatide tirzepatide levothyroxine levothyroxin lévothyroxine levotiroxina liothyronine methimazole carbimazole propylthiouracil
furosemide furosemid furosemida torsemide torasemide torasemid bumetanide hydrochlorothiazide hydrochlorothiazid hidroclorotiazida chlorthalidone indapamide spironolactone spironolacton espironolactona eplerenone amiloride triamterene
digoxin amiodarone flecainide propafenone sotalol diltiazem verapamil hydralazine minoxidil clonidine methyldopa doxazosin prazosin terazosin tamsulosin alfuzosin finasteride dutasteride nitroglycerin isosorbide ranolazine
warfarin phenprocoumon acenocoumarol heparin clopidogrel prasugrel ticagrelor dipyridamole cilostazol ezetimibe fenofibrate gemfibrozil albuterol salbutamol salmeterol formoterol tiotropium ipratropium budesonide
fluticasone beclomethasone mometasone montelukast theophylline prednisone prednisolone prednisolon methylprednisolone dexamethasone hydrocortisone hydrocortison triamcinolone betamethasone fludrocortisone cetirizine loratadine fexofenadine
diphenhydramine hydroxyzine promethazine chlorpheniramine famotidine ranitidine cimetidine sucralfate misoprostol metoclopramide ondansetron domperidone loperamide bisacodyl senna docusate lactulose mesalamine mesalazine sulfasalazine
sertraline fluoxetine paroxetine citalopram escitalopram fluvoxamine venlafaxine desvenlafaxine duloxetine bupropion mirtazapine trazodone amitriptyline nortriptyline imipramine doxepin clomipramine lithium quetiapine olanzapine
risperidone aripiprazole ziprasidone paliperidone lurasidone haloperidol clozapine chlorpromazine fluphenazine buspirone zolpidem zopiclone eszopiclone melatonin methylphenidate amphetamine lisdexamfetamine atomoxetine modafinil
donepezil memantine rivastigmine galantamine levodopa carbidopa pramipexole ropinirole rasagiline selegiline entacapone benztropine baclofen tizanidine cyclobenzaprine methocarbamol carisoprodol
amoxicillin amoxicilline amoxicilina clavulanate ampicillin penicillin piperacillin tazobactam oxacillin nafcillin cephalexin cefuroxime ceftriaxone cefepime cefazolin cefdinir meropenem imipenem ertapenem azithromycin clarithromycin
erythromycin clindamycin vancomycin gentamicin tobramycin amikacin doxycycline minocycline tetracycline ciprofloxacin levofloxacin moxifloxacin sulfamethoxazole trimethoprim cotrimoxazole nitrofurantoin metronidazole linezolid daptomycin rifampin
rifampicin isoniazid pyrazinamide ethambutol fluconazole itraconazole voriconazole nystatin terbinafine amphotericin acyclovir valacyclovir oseltamivir tenofovir emtricitabine lamivudine zidovudine efavirenz dolutegravir ivermectin
hydroxychloroquine chloroquine methotrexate azathioprine mycophenolate cyclosporine ciclosporin tacrolimus sirolimus leflunomide colchicine allopurinol febuxostat probenecid alendronate risedronate ibandronate zoledronic denosumab
tamoxifen anastrozole letrozole exemestane capecitabine fluorouracil cisplatin carboplatin oxaliplatin paclitaxel docetaxel doxorubicin cyclophosphamide vincristine etoposide gemcitabine bicalutamide leuprolide goserelin
estradiol progesterone medroxyprogesterone levonorgestrel norethindrone testosterone clomiphene oxytocin sildenafil tadalafil vardenafil oxybutynin tolterodine solifenacin mirabegron desmopressin epinephrine adrenaline
norepinephrine dopamine dobutamine vasopressin atropine propofol ketamine midazolam lidocaine bupivacaine ropivacaine rocuronium succinylcholine neostigmine ferrous folic cyanocobalamin cholecalciferol calcitriol
`

// brands are trade names that are no ordinary words.
//
//nolint:misspell // names
const brands = `
tylenol advil motrin aleve celebrex vicodin norco percocet oxycontin dilaudid ultram lyrica neurontin tegretol lamictal keppra topamax depakote dilantin glucophage januvia janumet jardiance farxiga forxiga invokana
ozempic wegovy mounjaro zepbound trulicity victoza saxenda lantus levemir humalog novolog toujeo tresiba synthroid levoxyl euthyrox lasix aldactone zestril prinivil vasotec altace lotensin cozaar diovan benicar micardis
norvasc lopressor toprol coreg tenormin inderal cardizem plavix brilinta coumadin eliquis xarelto pradaxa lovenox lipitor crestor zocor pravachol zetia tricor ventolin proventil advair symbicort spiriva flovent pulmicort
singulair flonase zyrtec claritin allegra benadryl pepcid zantac prilosec nexium prevacid protonix zofran reglan imodium zoloft prozac paxil celexa lexapro effexor cymbalta wellbutrin remeron desyrel seroquel zyprexa
risperdal abilify geodon latuda haldol clozaril xanax ativan klonopin valium ambien lunesta ritalin adderall vyvanse strattera aricept namenda sinemet mirapex requip flexeril zanaflex augmentin amoxil
keflex rocephin zithromax biaxin cleocin cipro levaquin bactrim macrobid macrodantin flagyl diflucan zovirax valtrex tamiflu plaquenil humira enbrel remicade stelara keytruda opdivo herceptin rituxan avastin prolia
fosamax boniva evista premarin provera viagra cialis levitra flomax proscar avodart detrol ditropan vesicare miralax colace dulcolax novalgin pantozal marcumar concor beloc doliprane efferalgan dafalgan
augmentine kardegic lasilix levothyrox nolotil sintrom adiro
`

// endings are stems of INN and the endings of words of medicine. A drug's counts only
// beside a dose. Those of medicine say how much the word weighs in a note.
var endings = []struct {
	weight int
	flags  flags
	list   string
}{
	{0, drug, `olol pril prilat sartan statin dipine dipin prazole prazol gliptin gliptine gliptina gliflozin gliflozine gliflozina tidine cillin cilline cilina mycin mycine micina floxacin floxacine floxacino cycline ciclina
		conazole conazol nidazole nidazol vudine ciclovir cyclovir navir tegravir buvir previr azepam zolam triptan triptyline setron lukast terol tropium sonide olone xaban gatran grel parin coxib profen fenac caine tinib ciclib
		parib zomib rafenib mumab zumab ximab tuximab limumab kinumab glutide platin taxel rubicin mustine fungin penem bactam dronate dronic glitazone thiazide semide afil oxetine formin barbital curium curonium`},
	{8, 0, `ectomy ectomies otomy ostomy oscopy oscopic orrhaphy plasty plasties ectomie ektomie skopie scopie skopisch skopische ectomía scopia scopía`},
	{6, disease, `itis itide lithiasis opathy pathie patía algia algie cardia cardie pnea pnoe plegia paresis emia émie ämie uria urie megaly megalie penia rrhea rrhoea trophy sclerosis sklerose stenosis fibrosis cirrhosis necrosis
		thrombosis carcinoma karzinom blastoma sarcoma lymphoma hematoma lipoma adenoma`},
	{5, 0, `esthesia centesis cutaneous cutaneously gastric hepatic nephric cardiac venous muscular arterial vascular pleural cranial costal abdominal orbital vaginal vesical urethral ureteral`},
}
