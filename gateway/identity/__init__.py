"""Who is who: certificates, signing keys, enrolment and the identity folder."""
