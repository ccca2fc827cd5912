// Starts the reference on the page; everything it shows comes from /openapi.json.

window.Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  // Nothing leaves this origin: no fonts, no proxy, no telemetry, no services of others.
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  hideModels: true,
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  authentication: { preferredSecurityScheme: 'apiKey' },
  documentDownloadType: 'json',
})
