// Which variables of the environment become secrets of the Worker, which become vars, and which only the setup needs.
import { isWorkerSetting } from '../../local/worker-bindings.ts'
import type { Settings } from '../admin/settings.ts'

/** Addresses among the Worker's vars. */
const ADDRESSES = ['UPSTASH_REDIS_REST_URL', 'PLAUSIBLE_URL', 'NEON_ENDPOINT']
const SECRET = /SECRET|TOKEN|_KEY$|DATABASE_URL$/

/** Secrets that are set when their values are given. The setup makes DATABASE_URL and API_KEY_SECRET itself if there are none. */
export const GIVEN_SECRETS = ['UPSTASH_REDIS_REST_TOKEN', 'PLAUSIBLE_API_KEY', 'API_KEY_SECRET_PREVIOUS']

/** The Worker's vars in the settings. */
export function varsOf(settings: Settings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      value !== undefined && isVar(name) ? [[name, value]] : [],
    ),
  )
}

function isVar(name: string): boolean {
  return (ADDRESSES.includes(name) || isWorkerSetting(name)) && !SECRET.test(name)
}

/** The environment without anything that is secret to the Worker or its stores, for a program that needs none of it. */
export function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOurs = (name: string) => SECRET.test(name) && !name.startsWith('CLOUDFLARE_')
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isOurs(name)))
}
