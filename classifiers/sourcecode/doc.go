// Package sourcecode is the code family: passages of program code, with their
// language, and the marks of code that belongs to somebody.
//
// A line is judged by what it is made of: operators, calls, brackets and the ends
// of statements speak for code, and so do keywords at its beginning; function words
// of natural languages and the ends of sentences speak against it; comments, blank
// lines and data say nothing. A passage begins with a line of code and goes on as
// long as code outweighs prose; one that is heavy enough is reported, with the
// language whose words it uses most as the rule. So a sentence that mentions a
// function is not code, and a function that explains itself in comments is.
//
// A passage does not hide the keys and names inside it (Description.Wide). Confidence
// is the share of true ones that was measured among the lighter and the heavier ones.
package sourcecode
