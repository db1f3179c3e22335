# METADATA
# title: Everything of sluice
# description: The schemas below hold for every package under data.sluice, so that a misspelt field does not compile.
# scope: subpackages
# schemas:
#   - input: schema.input
#   - data.sluice.limits: schema.limits
#   - data.sluice.settings: schema.settings
#   - data.sluice.other: schema.other
package sluice
