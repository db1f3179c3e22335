package phi

// Words of clinical records. They are the common vocabulary of physical
// examination, operative notes, radiology and discharge letters as taught in any
// textbook of clinical documentation; ICD-10 and the headings of HL7 C-CDA (US
// Realm, release 2.1) name the rest.

// jargon are words that hardly stand anywhere but in records of care.
const jargon = `
afebrile normocephalic atraumatic anicteric icteric normoactive nondistended nontender nontoxic organomegaly hepatomegaly splenomegaly
hepatosplenomegaly lymphadenopathy adenopathy auscultation percussion palpation palpable palpated murmur murmurs gallop gallops rhonchi rales crackles
wheezes wheezing cyanosis clubbing edema oedema edematous erythema erythematous ecchymosis turgor ambulatory ambulating ambulate ambulation perrla
eomi heent jvd bruits bruit thyromegaly costovertebral suprapubic tympanic oropharynx turbinates conjunctivae sclerae nares septum mucosa mucosal
exudate exudates effusion effusions consolidation atelectasis infiltrate infiltrates pneumothorax opacification prepped draped supine lithotomy
trendelenburg intubated extubated intubation extubation endotracheal tourniquet exsanguinated esmarch cautery electrocautery bovie hemostasis
haemostasis hemostats irrigated ligated ligation clamped cannulated cannula catheter catheterized catheterization foley trocar trocars insufflated
insufflation pneumoperitoneum scalpel curette forceps retractor retractors retracted sutured suture sutures vicryl monocryl prolene nylon chromic
subcuticular subcutaneous subcutaneously fascia fascial peritoneum peritoneal mesentery incision incised excised excision resected resection
dissection dissected undermined curettage debridement debrided anastomosis anastomosed stent stents stented reapproximated approximated steri
steristrips gauze sterile sterilely lidocaine marcaine xylocaine epinephrine betadine povidone chlorhexidine ancef cefazolin propofol fentanyl
midazolam versed bupivacaine extravasation cystoscope cystoscopy resectoscope laparoscope bronchoscope endoscope fluoroscopic fluoroscopy arteriogram
angiogram postoperative postoperatively preoperative preoperatively intraoperative intraoperatively perioperative postop preop operative electively
diagnoses comorbidities followup outpatient inpatient readmission nocturia dysuria hematuria haematuria polyuria oliguria pyuria incontinence dyspnea
dyspnoea orthopnea palpitations diaphoresis diaphoretic syncope hemoptysis haemoptysis hematemesis melena hematochezia dysphagia odynophagia emesis
vomiting nausea diarrhea diarrhoea constipation anorexia malaise arthralgia myalgia paresthesia paresthesias hemiparesis numbness tingling vertigo
photophobia diplopia tinnitus otalgia rhinorrhea epistaxis stridor sputum noncontributory unremarkable contralateral ipsilateral bilateral bilaterally
unilateral laterally medially inferiorly superiorly anteriorly posteriorly proximally distally dorsal ventral plantar palmar caudal cephalad inguinal
scrotal scrotum testicle testicular epididymis prostatic ureteral ureter ureters urethra urethral meatus penile glans foreskin renal caliceal calyces
hydronephrosis hydrocele varicocele spermatic femoral tibial tibia fibula humerus humeral ulnar ulna metatarsal metacarpal phalanx phalangeal carpal
tarsal malleolus patella patellar meniscus meniscal ligament ligaments tendon tendons osteotomy condyle trochanter acetabulum acetabular clavicle
scapula sternum sternal lumbar thoracic cervical sacral vertebra vertebral vertebrae laminectomy foramen foraminal stenosis radiculopathy neuropathy
ventricle ventricular atrium atrial atrioventricular systolic diastolic mitral tricuspid aortic aorta pericardial pericardium endocardial myocardial
coronary carotid jugular subclavian saphenous femur venous arterial artery arteries regurgitation ejection hypokinesis akinesis hypertrophy
echocardiogram electrocardiogram doppler tachycardic bradycardic tachycardia bradycardia pulmonary bronchial tracheal trachea larynx laryngeal pharynx
pharyngeal tonsil tonsils tonsillar adenoid adenoids uvula palate parotid thyroid esophagus esophageal gastric duodenum duodenal jejunum ileum colonic
cecum appendiceal rectal rectum sphincter hemorrhoids hepatic biliary gallbladder pancreatic pancreas spleen splenic omentum uterus uterine cervix
vaginal vagina ovary ovarian fallopian adnexa adnexal endometrial myometrium fibroid fibroids gravida para parous cornea corneal conjunctival
conjunctiva retinal retina macula vitreous intraocular phacoemulsification speculum tympanum nodule nodules lesion lesions polyp polyps cyst cysts
hernia hernias abscess calculi calculus tumors carcinoma adenocarcinoma metastatic metastases metastasis malignancy biopsy biopsies biopsied
histologic cytology gleason lymph hemoglobin hematocrit leukocytes platelets creatinine electrolytes bilirubin bun wbc hgb hct inr urinalysis
anticoagulation transfusion anesthesia anesthetic anesthetized anaesthesia sedation analgesia analgesic spinal epidural prn bid tid qid qhs qd npo cbc
bmp cmp ekg ecg mri hypertensive hyperlipidemia hypercholesterolemia mellitus copd chf cad gerd mi dvt pe tia cva uti bph esrd osteoarthritis fracture
fractures dislocation osteoporosis hypothyroidism pneumonia bronchitis sinusitis cellulitis sepsis infarction ischemia ischemic thrombosis embolism
fibrillation angina arrhythmia obstruction obstructive bluntly sharply hemostat metzenbaum allis cuff crystalloid incisions orifice orifices sagittal
staples stapler dermabond adhesions transected mobilized infiltrated aspirated suctioned suctioning copiously copious cauterized cauterization
coagulated everted tenaculum reinserted rectus quadrants dissect laparotomy thoracotomy craniotomy laparoscopic endoscopic arthroscopic transurethral
percutaneous percutaneously neurovascular periosteal periosteum perineum perineal umbilicus umbilical infraumbilical vesicle vesicles vas deferens
tunica dartos vasectomy circumcision tracheostomy tonsillectomy prostatectomy hysterectomy cholecystectomy appendectomy arthroplasty osteotome
intramedullary awakened pacu voiding postvoid dilated dilatation dilator thickening thickened parapatellar popliteal flexion abduction adduction
dorsiflexion pronation supination fossa fossae lumen aneurysm mattress xeroform splint splinted casted crutches weightbearing arthroscopy
microhematuria psa ureteroscopy lithotripsy urogram pyelogram pyelograms pyelography intraluminal extraluminal sonogram ultrasonography echogenicity
echogenic hypoechoic hilar mediastinal mediastinum costophrenic cardiomegaly vasculature calcification calcifications parenchyma parenchymal
trabeculation trabeculations diverticula diverticulum efflux trigone medullary interatrial interventricular septal leaflet leaflets trileaflet inflow
outflow regurgitant vegetations lv rv lvef gout hemorrhagic ulceration ulcerated necrotic granulation purulent serous serosanguineous sanguineous
erosive tortuous occlusion occluded anticoagulated dialysis hemodialysis fistula arteriovenous subluxation crepitus laxity lachman mcmurray babinski
romberg nystagmus dysarthria aphasia ptosis fundoscopic acuity hyphema sclerotomy sclerotomies limbus gestation gestational multiparous nulliparous
cesarean amniotic apgar meconium neonatal neonate caesarean endometriosis menorrhagia lmp pap leep colposcopy suicidal homicidal ideation euthymic
dysphoric psychomotor
`

// medical are words of medicine that stand in other texts, too.
const medical = `
post patient patients pain physician surgeon surgery surgical operation operating nurse hospital clinic clinical emergency department ward symptoms symptom
diagnosis diagnosed diagnostic exam examination examined history chief complaint complains illness disease disorder syndrome medication medications
medicine dose tablet tablets capsule treated treatment therapy admitted admission discharge discharged chest abdomen abdominal pelvis pelvic neck head
heart lungs lung kidney kidneys liver brain skin muscle muscles bone bones joint joints nerve nerves blood urine stool bowel extremity extremities
knee hip ankle foot toe hand wrist elbow shoulder finger thumb spine back flank groin breast throat ear ears nose nasal eye eyes eyelid tongue tooth
teeth mouth jaw lip facial scar wound swelling tenderness tender bleeding infection infected inflammation inflammatory fever chills cough headache
headaches allergies allergy allergic smoker tobacco alcohol vital pulse respirations temperature pressure weight height oxygen saturation normal
abnormal negative positive acute chronic severe mild moderate benign malignant left right upper lower deep superficial visualized noted evidence
consistent demonstrates revealed reveals identified measuring measures intact stable soft regular rhythm rate sounds reflexes motor sensory strength
gait ultrasound scan imaging radiograph tomography fluid fluids needle injection injected implant placement removed inserted insertion replaced closed
closure performed tolerated procedure procedures complications difficulty recovery consent informed vein vessels tissue flap graft layer wall cavity
sac tube valve screw plate laboratory labs consultation consult referred evaluation evaluate impression assessment drain drains dressing dressings
prognosis weakness lateral medial distal proximal anterior posterior inferior superior prostate bladder radial colon appendix placenta membrane mass
stone tumor specimen specimens pathology node nodes sodium potassium culture cultures antibiotics antibiotic iv im po stat ct mm cc ml mg mcg
hypertension diabetes diabetic asthma arthritis anemia stroke seizure seizures dementia transverse longitudinal inspected suction inflated plaque
cortical cortex dilation hemorrhage voids collateral trimester coagulation menses sponge scissors irrigation saline blunt midline quadrant
hallucinations delusions pupils opacities deflated obtained transferred enlarged administered satisfactory adequate elevated site divided tip clamp
defect cord smoking ago appeared presented frequency brought room fashion suite table position female male urinary tract removal grasped secured
opened blade instrument stones induction sheath
`

// story are words of the story of one person's care: essays do not tell it.
const story = `
underwent tolerated prepped draped denies denied afebrile normocephalic noncontributory unremarkable perrla eomi electively followup nondistended nontender wheezes
rhonchi nontoxic icteric anicteric atraumatic euthymic lmp gravida prn bid tid qid
`

// deeds are words of it behind was or were: what is done, in a textbook, was done to a
// patient.
const deeds = `
tolerated anesthetized intubated extubated irrigated sutured reapproximated ligated cauterized transected exsanguinated catheterized suctioned
awakened incised excised resected dissected clamped insufflated cannulated palpated biopsied reinserted casted splinted inflated closed injected
undermined retracted identified visualized obtained noted inspected
`

// diseases stand beside their codes. Endings (suffixes) tell many more.
const diseases = `
asthma diabetes diabetic mellitus hypertension hypertensive hypertonie migraine migräne migraña epilepsy epilepsie epilepsia depression depressive anxiety angst
schizophrenia schizophrenie schizophrénie esquizofrenia bipolar dementia demenz démence demencia alzheimer parkinson stroke schlaganfall infarction infarkt infarctus infarto
pneumonia lungenentzündung influenza grippe tuberculosis tuberkulose hiv aids hepatitis cancer krebs carcinoma karzinom carcinome carcinoma tumor tumour neoplasm neoplasms
neubildung leukemia leukämie leucémie lymphoma lymphom melanoma fracture fraktur fractura injury sprain strain pain schmerz schmerzen douleur dolor headache kopfschmerz obesity
adipositas obésité obesidad hypothyroidism hyperthyroidism disease disorder syndrome syndrom krankheit erkrankung störung maladie enfermedad trastorno infection infektion
failure insuffizienz insuffisance insuficiencia fibrillation vorhofflimmern copd bronchitis sinusitis reflux gerd ulcer anemia anämie anémie anemia arthritis arthrose
osteoarthritis osteoporosis pregnancy schwangerschaft grossesse embarazo poisoning abuse dependence withdrawal insomnia apnea hyperlipidemia hypercholesterolemia hernia
appendicitis dermatitis psoriasis eczema ekzem neuropathy retinopathy nephropathy glaucoma cataract katarakt sclerosis sepsis covid syncope dyspnea nausea fever fieber
unspecified episode acute chronic malignant benign primary secondary recurrent encounter screening
`

// other are words of clinical records in German, French and Spanish, with those of
// a story behind the bar.
//
//nolint:misspell // other languages
var otherTerms = []struct{ terms, story string }{
	{ // German
		`anamnese befund befunde diagnose diagnosen therapie procedere medikation aufnahme entlassung entlassungsbrief arztbrief epikrise patient patientin vorerkrankungen
		vegetative auskultation auskultatorisch palpation abdomen druckschmerz druckschmerzhaft abwehrspannung darmgeräusche vesikuläratmung rasselgeräusche herztöne
		herzgeräusche extremitäten ödeme ikterus zyanose lymphknoten schilddrüse leber milz nieren niere harnblase harnwegsinfekt blutdruck puls herzfrequenz sauerstoffsättigung
		temperatur labor kreatinin hämoglobin leukozyten thrombozyten entzündungswerte sonographie sonografie röntgen echokardiographie koronarangiographie belastungsdyspnoe dyspnoe
		thoraxschmerz thorakal fieber übelkeit erbrechen schmerzen stationär stationäre stationären ambulant ambulante intravenös intravenöse peroral subkutan tabletten verordnet verlauf allergien
		unverträglichkeiten familienanamnese sozialanamnese arterielle hypertonie herzinsuffizienz vorhofflimmern niereninsuffizienz pneumonie operation narkose intubationsnarkose
		hautschnitt naht drainage wundverhältnisse reizlos beschwerden klinik klinischer körperliche untersuchung oberarzt chefarzt hausarzt postoperativ postoperative präoperativ
		links rechts beidseits unauffällig regelrecht pathologisch`,
		`stellte vorstellung verneint beschwerdefrei entlassen aufgenommen unauffällig reizlos jährige jähriger jährigen`,
	},
	{ // French
		`antécédents anamnèse motif consultation hospitalisation hospitalisé hospitalisée traitement ordonnance posologie examen clinique auscultation palpation abdomen souple
		indolore douleur douleurs thoracique dyspnée fièvre apyrétique nausées vomissements œdèmes membres inférieurs tension artérielle pouls fréquence cardiaque saturation
		échographie radiographie scanner irm biologie créatinine hémoglobine leucocytes plaquettes diagnostic conclusion allergies patient patiente chirurgie chirurgical intervention
		anesthésie générale incision suture drain suites opératoires postopératoire préopératoire service urgences médecin traitant compte rendu sortie hypertension diabète
		insuffisance rénale hépatique pneumopathie infection urinaire antibiothérapie bilan sanguin intraveineuse comprimé comprimés bilatéral droite gauche`,
		`hospitalisé hospitalisée admis admise apyrétique consulte adressé adressée âgé âgée`,
	},
	{ // Spanish
		`antecedentes anamnesis motivo consulta ingreso ingresado ingresada alta tratamiento exploración física auscultación abdomen blando depresible doloroso dolor torácico
		disnea fiebre afebril náuseas vómitos edemas miembros inferiores tensión arterial frecuencia cardíaca cardiaca saturación ecografía radiografía tac resonancia analítica
		creatinina hemoglobina leucocitos plaquetas diagnóstico diagnósticos juicio clínico evolución alergias paciente cirugía quirúrgico intervención anestesia incisión
		sutura drenaje postoperatorio preoperatorio urgencias médico hipertensión diabetes mellitus insuficiencia renal neumonía infección urinaria antibiótico antibioterapia
		intravenosa comprimido comprimidos bilateral derecha izquierda enfermedad actual hábitos tóxicos`,
		`ingresado ingresada acude refiere niega afebril derivado derivada`,
	},
}

// headings of sections: of C-CDA, of operative notes and letters of discharge. Those
// behind the bar are common in other texts and weigh less.
const headings = `chief complaint|presenting complaint|history of present illness|history of presenting illness|history of presenting complaint|hpi|past medical history|pmh|past surgical history
past history|family history|social history|brief history|clinical history|review of systems|ros|physical examination|physical exam|vital signs|vitals|current medications|home medications
discharge medications|medications on admission|medications at home|allergies|drug allergies|assessment and plan|assessment/plan|hospital course|discharge diagnosis|discharge diagnoses|admission diagnosis
admitting diagnosis|final diagnosis|differential diagnosis|discharge instructions|discharge condition|preoperative diagnosis|preoperative diagnoses|postoperative diagnosis|postoperative diagnoses
pre operative diagnosis|post operative diagnosis|preop diagnosis|postop diagnosis|preoperative dx|postoperative dx|procedure performed|procedures performed|operation performed|operations performed
operative procedure|operative procedures|title of operation|name of operation|description of procedure|description of the procedure|description of operation|description of the operation|procedure in detail
procedure details|procedure detail|details of procedure|details of the procedure|operative findings|operative note|operative report|procedure note|indications for procedure|indication for procedure|indications for surgery
indication for surgery|indications for operation|anesthesia|anaesthesia|anesthetic|type of anesthesia|estimated blood loss|ebl|blood loss|specimens|specimen|drains|complications|fluids|urine output|tourniquet time
reason for consultation|reason for referral|reason for admission|reason for visit|reason for exam|reason for examination|clinical indication|laboratory data|laboratory studies|labs|imaging|diagnostic data
gross description|microscopic description|mental status examination|heent|abdomen|extremities|cardiovascular|respiratory|lungs|genitourinary|gastrointestinal|neurologic|musculoskeletal|immunizations|soap note|progress note
discharge summary|interval history|gynecologic history|obstetric history|hemostasis|injectables|procedure description|operative procedure in detail|description of procedure in detail|indications and findings|history and physical|summary of hospitalization|doppler|emergency department course|ed course|code status|problem list|follow up|surgeon|assistant surgeon|anesthesiologist|attending physician|primary care physician|date of admission|date of discharge|ekg|chest x ray
anamnese|jetzige anamnese|aktuelle anamnese|eigenanamnese|familienanamnese|sozialanamnese|vorerkrankungen|nebendiagnosen|hauptdiagnose|diagnosen|aufnahmebefund|körperlicher untersuchungsbefund|körperliche untersuchung
untersuchungsbefund|klinischer befund|medikation|medikation bei aufnahme|medikation bei entlassung|entlassungsmedikation|epikrise|therapie und verlauf|verlauf|procedere|laborbefunde|operationsbericht|op bericht|entlassungsbericht
motif de consultation|motif d'hospitalisation|motif d hospitalisation|antécédents|antécédents médicaux|antécédents chirurgicaux|antécédents familiaux|histoire de la maladie|mode de vie|traitement en cours|traitement habituel|traitement de sortie|examen clinique
examen physique|examens complémentaires|compte rendu opératoire|compte rendu d'hospitalisation|compte rendu d hospitalisation|évolution dans le service|diagnostic retenu
motivo de consulta|motivo de ingreso|antecedentes|antecedentes personales|antecedentes familiares|enfermedad actual|exploración física|exploraciones complementarias|pruebas complementarias|tratamiento al alta|tratamiento habitual
juicio clínico|diagnóstico principal|evolución|evolución clínica|alergias|informe de alta|hábitos tóxicos`

const weakHeadings = `procedure|procedures|operation|operations|findings|impression|indications|indication|diagnosis|diagnoses|history|plan|assessment|medications|medication|disposition|exam|examination|technique|comparison
laboratory|general|heart|chest|neck|surgery|subjective|objective|recommendations|description|condition|pathology|treatment|befund|diagnose|therapie|beurteilung|traitement|diagnostic|conclusion|tratamiento|diagnóstico`
