# METADATA
# title: Replies
# description: Nothing is said about replies yet; what is not said is allowed.
package sluice.response.hook
