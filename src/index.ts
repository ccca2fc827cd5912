export default { fetch: (): Response => new Response('starting') } satisfies ExportedHandler<Env>
