package signin

// SameSite reports whether a surrogate that is good on one authority is good on the
// other.
func SameSite(one, other string) bool { return siteOf(nameOf(one)).has(nameOf(other)) }
