package main

import (
	"reflect"

	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// TenantsConfig holds the company's own tenants; a block that is nil is not set.
// Package tenant knows what the keys mean and judges their values.
type TenantsConfig struct {
	Microsoft        *MicrosoftConfig   `yaml:"microsoft"`
	Google           *GoogleConfig      `yaml:"google"`
	GeminiCodeAssist *GoogleConfig      `yaml:"gemini_code_assist"`
	GoogleCloud      *GoogleCloudConfig `yaml:"google_cloud"`
	OpenAI           *OpenAIConfig      `yaml:"openai"`
	Anthropic        *AnthropicConfig   `yaml:"anthropic"`
	GitHub           *GitHubConfig      `yaml:"github"`
	Slack            *SlackConfig       `yaml:"slack"`
	Dropbox          *DropboxConfig     `yaml:"dropbox"`
	Notion           *NotionConfig      `yaml:"notion"`
	Webex            *WebexConfig       `yaml:"webex"`
	Zoom             *ZoomConfig        `yaml:"zoom"`
	IBMCloud         *IBMCloudConfig    `yaml:"ibm_cloud"`
	YouTube          *YouTubeConfig     `yaml:"youtube"`
	Azure            *AzureConfig       `yaml:"azure"`
}

// MicrosoftConfig is the Entra tenant.
type MicrosoftConfig struct {
	TenantID       string   `yaml:"tenant_id"`
	PolicyID       string   `yaml:"policy_id"`
	AllowedTenants []string `yaml:"allowed_tenants"`
}

// GoogleConfig is the Workspace tenant, for all of Google or for Code Assist.
type GoogleConfig struct {
	AllowedDomains []string `yaml:"allowed_domains"`
}

// GoogleCloudConfig holds organisations of Google Cloud.
type GoogleCloudConfig struct {
	Organizations []string `yaml:"organizations"`
	Options       string   `yaml:"options"`
}

// OpenAIConfig holds ChatGPT workspaces and API organisations.
type OpenAIConfig struct {
	WorkspaceIDs       []string `yaml:"workspace_ids"`
	OrganizationIDs    []string `yaml:"organization_ids"`
	OrganizationNames  []string `yaml:"organization_names"`
	APIKeyFingerprints []string `yaml:"api_key_fingerprints"`
}

// AnthropicConfig holds Claude organisations.
type AnthropicConfig struct {
	OrganizationIDs    []string `yaml:"organization_ids"`
	APIKeyFingerprints []string `yaml:"api_key_fingerprints"`
}

// GitHubConfig is the enterprise with managed users.
type GitHubConfig struct {
	Enterprise List `yaml:"enterprise"`
}

// SlackConfig holds Slack workspaces, and the one that asks for the restriction.
type SlackConfig struct {
	Workspaces []string `yaml:"workspaces"`
	Requester  string   `yaml:"requester"`
}

// DropboxConfig holds Dropbox teams.
type DropboxConfig struct {
	TeamIDs []string `yaml:"team_ids"`
}

// NotionConfig holds Notion workspaces.
type NotionConfig struct {
	WorkspaceIDs []string `yaml:"workspace_ids"`
}

// WebexConfig holds the domains of Webex accounts.
type WebexConfig struct {
	AllowedDomains []string `yaml:"allowed_domains"`
}

// ZoomConfig is the label that Zoom issued.
type ZoomConfig struct {
	Policy string `yaml:"policy"`
}

// IBMCloudConfig holds accounts of IBM Cloud.
type IBMCloudConfig struct {
	AccountIDs []string `yaml:"account_ids"`
}

// YouTubeConfig is YouTube's restricted mode.
type YouTubeConfig struct {
	Restrict string `yaml:"restrict"`
}

// AzureConfig holds resources of Azure. They have no header and add no host.
type AzureConfig struct {
	Resources []string `yaml:"resources"`
}

// blocks is the configuration as package tenant takes it: the values that are
// given, by the keys of the file.
func (c TenantsConfig) blocks() tenant.Blocks {
	blocks := tenant.Blocks{}
	all := reflect.ValueOf(c)
	for i := range all.NumField() {
		if all.Field(i).IsNil() {
			continue
		}
		given, block := map[string][]string{}, all.Field(i).Elem()
		for j := range block.NumField() {
			name := block.Type().Field(j).Tag.Get("yaml")
			switch field := block.Field(j); {
			case field.Kind() == reflect.String && field.String() != "":
				given[name] = []string{field.String()}
			case field.Kind() == reflect.Slice && field.Len() > 0:
				for k := range field.Len() {
					given[name] = append(given[name], field.Index(k).String())
				}
			}
		}
		blocks[all.Type().Field(i).Tag.Get("yaml")] = given
	}
	return blocks
}
