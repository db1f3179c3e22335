package content

// Azure OpenAI and Foundry speak the formats of OpenAI and Anthropic behind paths
// of their own (learn.microsoft.com/azure/ai-services/openai/reference): the
// model may be a deployment in the path, see deployment. What is Azure's alone is
// here.

// dataSources reads $.data_sources, the searches that Azure runs for a model. The
// keys of a data source are credentials for the provider's own use.
func (r *reading) dataSources(n int) {
	r.list(RolePrompt, n, func(source int) {
		r.object(RolePrompt, source, func(name string, k, v int) {
			if name != "parameters" {
				r.field(RolePrompt, k, v)
				return
			}
			r.object(RolePrompt, v, func(name string, k, v int) {
				switch name {
				case "authentication", "endpoint", "index_name", "embedding_dependency", "semantic_configuration":
					r.ident(RolePrompt, v)
				default:
					r.field(RolePrompt, k, v)
				}
			})
		})
	})
}
