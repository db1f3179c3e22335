package policy

// field is one leaf of the input: its path in Rego and where its value stands in an Input.
// at returns a pointer, so that looking at a field costs no allocation.
type field struct {
	path string
	at   func(*Input) any
}

// fields lists every leaf of the input. Encoder, cache key and dependency analysis read this list and nothing else,
// so that they cannot disagree.
var fields = []field{
	{"v", func(in *Input) any { return &in.V }},
	{"phase", func(in *Input) any { return &in.Phase }},

	{"request.id", func(in *Input) any { return &in.Request.ID }},
	{"request.time_ns", func(in *Input) any { return &in.Request.TimeNS }},
	{"request.client_ip", func(in *Input) any { return &in.Request.ClientIP }},
	{"request.method", func(in *Input) any { return &in.Request.Method }},
	{"request.host", func(in *Input) any { return &in.Request.Host }},
	{"request.port", func(in *Input) any { return &in.Request.Port }},
	{"request.path", func(in *Input) any { return &in.Request.Path }},
	{"request.bytes", func(in *Input) any { return &in.Request.Bytes }},
	{"request.kind", func(in *Input) any { return &in.Request.Kind }},
	{"request.content_type", func(in *Input) any { return &in.Request.ContentType }},
	{"request.streaming", func(in *Input) any { return &in.Request.Streaming }},

	{"identity.authenticated", func(in *Input) any { return &in.Identity.Authenticated }},
	{"identity.method", func(in *Input) any { return &in.Identity.Method }},
	{"identity.sub", func(in *Input) any { return &in.Identity.Sub }},
	{"identity.email", func(in *Input) any { return &in.Identity.Email }},
	{"identity.name", func(in *Input) any { return &in.Identity.Name }},
	{"identity.groups", func(in *Input) any { return &in.Identity.Groups }},
	{"identity.department", func(in *Input) any { return &in.Identity.Department }},
	{"identity.acr", func(in *Input) any { return &in.Identity.ACR }},
	{"identity.amr", func(in *Input) any { return &in.Identity.AMR }},
	{"identity.acrs", func(in *Input) any { return &in.Identity.ACRS }},
	{"identity.risk", func(in *Input) any { return &in.Identity.Risk }},
	{"identity.claims", func(in *Input) any { return &in.Identity.Claims }},
	{"identity.device.id", func(in *Input) any { return &in.Identity.Device.ID }},
	{"identity.device.managed", func(in *Input) any { return &in.Identity.Device.Managed }},
	{"identity.device.compliant", func(in *Input) any { return &in.Identity.Device.Compliant }},

	{"agent.present", func(in *Input) any { return &in.Agent.Present }},
	{"agent.id", func(in *Input) any { return &in.Agent.ID }},
	{"agent.name", func(in *Input) any { return &in.Agent.Name }},
	{"agent.kind", func(in *Input) any { return &in.Agent.Kind }},
	{"agent.on_behalf_of", func(in *Input) any { return &in.Agent.OnBehalfOf }},
	{"agent.tools", func(in *Input) any { return &in.Agent.Tools }},

	{"tenant.header", func(in *Input) any { return &in.Tenant.Header }},
	{"tenant.value", func(in *Input) any { return &in.Tenant.Value }},
	{"tenant.observed", func(in *Input) any { return &in.Tenant.Observed }},
	{"tenant.match", func(in *Input) any { return &in.Tenant.Match }},

	{"destination.known", func(in *Input) any { return &in.Destination.Known }},
	{"destination.app", func(in *Input) any { return &in.Destination.App }},
	{"destination.name", func(in *Input) any { return &in.Destination.Name }},
	{"destination.vendor", func(in *Input) any { return &in.Destination.Vendor }},
	{"destination.category", func(in *Input) any { return &in.Destination.Category }},
	{"destination.role", func(in *Input) any { return &in.Destination.Role }},
	{"destination.sanction", func(in *Input) any { return &in.Destination.Sanction }},
	{"destination.risk", func(in *Input) any { return &in.Destination.Risk }},
	{"destination.country", func(in *Input) any { return &in.Destination.Country }},
	{"destination.tags", func(in *Input) any { return &in.Destination.Tags }},

	{"content.format", func(in *Input) any { return &in.Content.Format }},
	{"content.matched", func(in *Input) any { return &in.Content.Matched }},
	{"content.model", func(in *Input) any { return &in.Content.Model }},
	{"content.conversation", func(in *Input) any { return &in.Content.Conversation }},
	{"content.parts", func(in *Input) any { return &in.Content.Parts }},
	{"content.inspected", func(in *Input) any { return &in.Content.Inspected }},
	{"content.opaque", func(in *Input) any { return &in.Content.Opaque }},
	{"content.truncated", func(in *Input) any { return &in.Content.Truncated }},
	{"content.unread_bytes", func(in *Input) any { return &in.Content.UnreadBytes }},
	{"content.language", func(in *Input) any { return &in.Content.Language }},
	{"content.found", func(in *Input) any { return &in.Content.Found }},
	{"content.entities", func(in *Input) any { return &in.Content.Entities }},
	{"content.entities_new", func(in *Input) any { return &in.Content.EntitiesNew }},
	{"content.entities_other", func(in *Input) any { return &in.Content.EntitiesOther }},
	{"content.families", func(in *Input) any { return &in.Content.Families }},
	{"content.labels", func(in *Input) any { return &in.Content.Labels }},
	{"content.files", func(in *Input) any { return &in.Content.Files }},
	{"content.tools", func(in *Input) any { return &in.Content.Tools }},
	{"content.scores", func(in *Input) any { return &in.Content.Scores }},

	{"session.id", func(in *Input) any { return &in.Session.ID }},
	{"session.prompts", func(in *Input) any { return &in.Session.Prompts }},
	{"session.bytes", func(in *Input) any { return &in.Session.Bytes }},
	{"session.exposure", func(in *Input) any { return &in.Session.Exposure }},
	{"session.exposure_app", func(in *Input) any { return &in.Session.ExposureApp }},
	{"session.exposure_after", func(in *Input) any { return &in.Session.ExposureAfter }},
	{"session.coached_24h", func(in *Input) any { return &in.Session.Coached24h }},
	{"session.blocked_24h", func(in *Input) any { return &in.Session.Blocked24h }},
	{"session.leak_score", func(in *Input) any { return &in.Session.LeakScore }},
}
