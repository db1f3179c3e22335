package phi_test

// notes are made up.
var notes = map[string]string{
	"history": `CHIEF COMPLAINT: Shortness of breath.

HISTORY OF PRESENT ILLNESS: The patient is a 71-year-old female with a history of congestive heart failure who presents with dyspnea on exertion and orthopnea for three days. She denies chest pain, palpitations or syncope.

MEDICATIONS: Furosemide 40 mg PO daily, lisinopril 10 mg PO daily.
ALLERGIES: No known drug allergies.

PHYSICAL EXAMINATION: BP 148/92, HR 96, RR 22. Bibasilar crackles on auscultation, 2+ pitting edema to the knees.

ASSESSMENT AND PLAN: Acute exacerbation of heart failure. Increase furosemide, monitor creatinine.`,

	"operation": `PREOPERATIVE DIAGNOSIS: Acute cholecystitis. POSTOPERATIVE DIAGNOSIS: Same. PROCEDURE: Laparoscopic cholecystectomy. ANESTHESIA: General endotracheal.
The patient was brought to the operating room and placed in the supine position. The abdomen was prepped and draped in the usual sterile fashion. A trocar was introduced above the umbilicus.
The cystic duct was clipped and divided. The gallbladder was dissected from the liver with electrocautery. Hemostasis was obtained. The patient tolerated the procedure well.`,

	"soap": `S: 34yo man, status post ACL reconstruction, reports mild swelling, no fever. O: Afebrile, incision clean, no erythema, no effusion, flexion to 110. A: Recovering as expected. P: Continue quadriceps exercises, ibuprofen 400 mg prn, follow up in two weeks with the orthopedic clinic.`,

	"imaging": `EXAM: CT chest with contrast. INDICATION: Cough. FINDINGS: There is no pleural effusion or pneumothorax. A 7 mm nodule in the right upper lobe is unchanged. No mediastinal or hilar lymphadenopathy. The thoracic aorta is normal in caliber. IMPRESSION: Stable pulmonary nodule.`,

	"german": `Anamnese: Die 67-jährige Patientin stellte sich mit zunehmender Belastungsdyspnoe und thorakalen Schmerzen vor. Fieber wird verneint.
Vorerkrankungen: Arterielle Hypertonie, Diabetes mellitus Typ 2, chronische Niereninsuffizienz.
Medikation: Ramipril 5 mg 1-0-0, Metformin 1000 mg 1-0-1.
Befund: Blutdruck 165/95 mmHg, Puls 92/min. Herztöne rein, keine Rasselgeräusche, Abdomen weich, kein Druckschmerz, leichte Ödeme beidseits.
Procedere: Stationäre Aufnahme, Echokardiographie, Furosemid intravenös.`,

	"french": `Motif d'hospitalisation : douleur thoracique. Antécédents : hypertension artérielle, diabète de type 2.
Histoire de la maladie : Patiente de 72 ans, hospitalisée pour une douleur thoracique avec dyspnée depuis deux jours, apyrétique.
Examen clinique : TA 150/90, fréquence cardiaque 88, auscultation pulmonaire sans particularité, abdomen souple et indolore, pas d'œdèmes des membres inférieurs.
Traitement de sortie : bisoprolol 5 mg, ramipril 2,5 mg, Kardegic 75 mg.`,

	"spanish": `Motivo de ingreso: disnea. Antecedentes personales: hipertensión arterial, diabetes mellitus tipo 2.
Enfermedad actual: Paciente de 68 años que acude a urgencias por disnea y edemas de una semana de evolución; niega dolor torácico.
Exploración física: TA 145/85, afebril, auscultación con crepitantes bilaterales, abdomen blando y depresible, edemas en miembros inferiores.
Juicio clínico: insuficiencia cardíaca. Tratamiento al alta: furosemida 40 mg, enalapril 5 mg.`,
}

var essays = []string{
	"Type 2 diabetes mellitus is a chronic metabolic disorder characterised by hyperglycemia. Patients often present with polyuria, polydipsia and fatigue. Complications include diabetic neuropathy, nephropathy and retinopathy, and the risk of myocardial infarction and stroke is doubled. Treatment begins with lifestyle changes and metformin; when the glycated hemoglobin remains elevated, a second agent is added. Regular examination of the feet, the retina and the kidneys prevents severe complications.",
	"A 45-year-old man presents with chest pain radiating to the left arm. What is the most likely diagnosis, and which tests would you order?",
	"Write a SOAP note template with the sections Chief Complaint, History of Present Illness, Past Medical History, Medications, Allergies, Physical Examination, Assessment and Plan.",
	"Give me an empty form:\nChief Complaint:\nHistory of Present Illness:\nPast Medical History:\nFamily History:\nReview of Systems:\n",
	"What is the difference between ibuprofen and acetaminophen? Can I take both daily for a headache?",
	"Appendicitis is an inflammation of the appendix. The pain begins around the umbilicus and moves to the right lower quadrant. On examination there is rebound tenderness. Ultrasound or CT confirms the diagnosis. The operation is called appendectomy; it is performed under general anesthesia, mostly with a laparoscope through three small incisions. The appendix is ligated, transected and removed. The patient is usually discharged after two days. Complications are an abscess, a wound infection or an ileus. Without surgery the appendix may perforate, and peritonitis and sepsis follow.",
	"My dog has been vomiting and has diarrhea since yesterday. He is a 7-year-old male labrador. Should I see a vet?",
	"Explain the anatomy of the heart: the right atrium receives venous blood from the superior and inferior vena cava; through the tricuspid valve it flows into the right ventricle and through the pulmonary artery to the lungs. The left atrium receives blood from the pulmonary veins; the mitral valve lets it into the left ventricle, from which the aorta carries it to the body. The coronary arteries supply the myocardium. The septum separates both sides; the pericardium surrounds the heart.",
	"You are a doctor. I will describe my symptoms and you will suggest a diagnosis and a treatment plan. My first request is: I have had a headache and nausea for two days and no fever.",
	"Explain how laparoscopic cholecystectomy works. The patient is placed in the supine position under general anesthesia. A Veress needle is used for insufflation and trocars are inserted. The cystic duct and artery are clipped and divided, and the gallbladder is dissected from the liver bed with electrocautery.",
	"The trial enrolled 412 patients with stage III adenocarcinoma of the colon after resection. Patients received oxaliplatin 85 mg/m2 and capecitabine. The primary endpoint was disease-free survival. Nausea, vomiting, diarrhea, peripheral neuropathy and neutropenia were the most common adverse events. No deaths related to treatment occurred. In patients with lymph node metastases the hazard ratio was 0.72.",
	"Was sind die Symptome einer Herzinsuffizienz? Typisch sind Dyspnoe, Ödeme und Müdigkeit; zur Diagnose gehören Echokardiographie und Labor. Behandelt wird mit Diuretika, Betablockern und körperlicher Schonung.",
	"Quels sont les symptômes de l'hypertension artérielle et quel traitement propose le médecin ? Y a-t-il des effets secondaires ?",
}
