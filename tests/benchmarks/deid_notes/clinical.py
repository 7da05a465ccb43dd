"""Sentences of orthopaedic oncology that hold nothing to remove: they must survive."""

from __future__ import annotations

import random

DIAGNOSES = (
    "Ewing sarcoma of the left proximal femur", "Ewing's sarcoma of the right iliac wing",
    "conventional high-grade osteosarcoma of the distal femur", "parosteal osteosarcoma, grade 1",
    "dedifferentiated chondrosarcoma of the acetabulum", "grade 2 chondrosarcoma of the proximal humerus",
    "undifferentiated pleomorphic sarcoma of the thigh", "myxoid liposarcoma of the right thigh",
    "synovial sarcoma of the foot, SS18-SSX positive", "giant cell tumor of the distal radius, Campanacci 3",
    "Paget's disease with secondary sarcoma of the pelvis", "Langerhans cell histiocytosis of the scapula",
    "metastatic renal cell carcinoma to the humerus", "chordoma of S2-S4", "adamantinoma of the tibia",
    "aneurysmal bone cyst of L3", "malignant peripheral nerve sheath tumor in NF1 (von Recklinghausen)",
)  # fmt: skip

CLINIC = (
    "On examination there is a Baker cyst behind the knee; Lachman and McMurray tests are negative.",
    "Trendelenburg sign is positive on the left; Tinel sign is absent at the fibular neck.",
    "VAS pain 4/10 at rest and 7/10 with weight bearing.",
    "Vital signs: BP 128/76, HR 84, RR 16, T 98.6 F, SpO2 97% on room air, BMI 27.4.",
    "Range of motion is 0-110 degrees; strength 4/5 in hip flexion and 5/5 in knee extension.",
    "She scored 24/30 on the Musculoskeletal Tumor Society scale and 78.3 on TESS.",
    "Enneking stage IIB, AJCC stage IIIA, cT2 N0 M0.",
    "Karnofsky 80, ECOG 1. Mirels score 9, so prophylactic fixation is advised.",
    "Codman triangle and sunburst periosteal reaction on the radiograph; Lodwick IC.",
    "Family history is negative for Li-Fraumeni syndrome and for Ollier disease.",
    "We discussed limb salvage with a GMRS distal femoral replacement against Van Nes rotationplasty.",
    "The wound is clean and dry with no Homans sign; Steri-Strips were replaced.",
    "Takes Lovenox 40 mg daily, Tylenol 650 mg q6h prn and oxycodone 5 mg at night.",
    "Hemoglobin 10.8, WBC 4.2, platelets 212, ALP 184 U/L, LDH 301, creatinine 0.9.",
    "Ki-67 is 35%; INI1 retained; MDM2 not amplified; TP53 wild type.",
    "Symptoms began four months ago and have worsened over the past 2 weeks.",
    "Plan: MAP chemotherapy for 10 weeks, then wide resection, then 4 more cycles.",
    "Weight bearing as tolerated with a Lofstrand crutch; Jamshidi biopsy tract to be excised en bloc.",
    "No Horner syndrome. Spurling test negative. C5-T1 intact, L4 and S1 reflexes 2+.",
    "The Kaplan-Meier estimate at 5 years that we quoted was roughly 70%.",
)  # fmt: skip

OPERATIVE = (
    "The patient was placed supine on a Jackson table and a Foley catheter was inserted.",
    "General anesthesia was induced and a timeout was held.",
    "An Esmarch bandage was used and the tourniquet was inflated to 250 mmHg for 94 minutes.",
    "The Henry approach was used; Hohmann and Bennett retractors exposed the metaphysis.",
    "The osteotomy was made 14 cm from the joint line with a Gigli saw, and the margin was sent for frozen section.",
    "A Stryker GMRS stem 13 x 127 mm was cemented with Palacos; the Mako guide was not used.",
    "We used a DePuy Synthes 4.5 LCP with 11 holes and Zimmer Biomet locking screws of 5.0 mm.",
    "Kerrison and Leksell rongeurs were used for the laminectomy from L2 to L4.",
    "Hemovac drains were placed. Vicryl 2-0 and Monocryl 4-0; Xeroform, Kerlix and an Ace wrap.",
    "Estimated blood loss 450 mL; 2 units of packed cells; no complications.",
    "Marcaine 0.25% with epinephrine, 30 mL, was infiltrated around the incision.",
    "The superficial femoral artery and Hunter's canal were dissected free; the sciatic nerve was spared.",
    "A Bovie and a Cobb elevator raised the flaps; Adson forceps handled the skin.",
    "Ancef 2 g was given within 60 minutes of incision and vancomycin powder at closure.",
    "Taylor Spatial Frame struts were set; Steinmann pins and Schanz screws held.",
    "Margins: R0 on frozen section; final margins to follow.",
)  # fmt: skip

PATHOLOGY = (
    "Gross: a resection specimen of 18.2 x 9.4 x 8.8 cm with a tumor of 7.6 cm in greatest dimension.",
    "Microscopic: sheets of small round blue cells; CD99 diffusely positive, NKX2.2 positive, desmin negative.",
    "FISH shows EWSR1 rearrangement (22q12) in 84% of nuclei.",
    "Treatment effect: 94% necrosis (Huvos grade III; Salzer-Kuntschik 2).",
    "FNCLCC grade 3 (differentiation 3, mitoses 22 per 10 HPF, necrosis 1).",
    "Closest margin 0.4 cm, anterior; all margins negative (R0). ypT2 N0.",
    "Lymphovascular invasion is not identified. Gleason does not apply.",
    "Reed-Sternberg cells are not seen; a Hodgkin lymphoma is excluded.",
    "IHC: SATB2+, S100-, H3.3 G34W negative, IDH1 R132C not detected.",
    "Block A1-A6 tumor, B1 proximal margin, C1-C2 soft tissue.",
)  # fmt: skip

RADIOLOGY = (
    "Technique: 3 T MRI with T1, STIR and post-gadolinium sequences, 5 mm slices; 12 mL Gadavist.",
    "There is a marrow-replacing lesion of 6.1 x 4.4 x 3.9 cm without neurovascular encasement.",
    "No pathologic compression at T8, T12 or L5. Schmorl nodes at L1-L2.",
    "PET/CT: SUVmax 11.4, previously 17.9; Deauville 3.",
    "Lungs: a 4 mm nodule in segment S6, unchanged. No pleural effusion.",
    "Hardware is intact with no lucency in Gruen zones 1-7. Kellgren-Lawrence 2 at the knee.",
    "Impression: 1. Decrease in size after neoadjuvant therapy (RECIST: partial response).",
    "Hounsfield units average 38. Cobb angle 14 degrees.",
)  # fmt: skip

CARE = (
    "Pain 3/10, oxycodone 5 mg given at 0815 with relief by 0900.",
    "Foley removed, voided 350 mL. Hemovac output 60 mL over 8 hours.",
    "Ambulated 40 feet with a rolling walker, min assist, gait belt used.",
    "Braden 19, Morse 45; fall precautions in place. Glasgow 15.",
    "Knee flexion 85 degrees, extension lag 5; straight leg raise x 10; 3 sets of quad sets.",
    "Berg balance 44/56, TUG 14.2 s, 6-minute walk 310 m.",
    "Zofran 4 mg IV, heparin 5000 units SC, cefazolin day 2 of 3.",
    "Goals: independent transfers in 2 weeks, stairs with rail in 4 weeks.",
    "PHQ-9 is 6; copes well, sleeps 6 hours; no suicidal ideation.",
    "Vancomycin trough 14.8; INR 1.1; glucose 132; temperature 37.2.",
)  # fmt: skip


def some(rng: random.Random, pool: tuple[str, ...], low: int, high: int) -> str:
    return " ".join(rng.sample(pool, rng.randrange(low, high + 1)))
