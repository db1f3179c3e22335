// Package packages holds the tests of what sluice is shipped in: the chart, the
// image, the unit, the compose file, the dashboard and the roll-out guides.
package packages
