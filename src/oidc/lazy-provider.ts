/**
 * The OpenID Provider as the other folders use it. Its library loads after the server listens or at
 * the first request. New signing keys build a new provider, which then replaces the old one.
 */
import type { KeySet, OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { OpenIdProvider } from '../http/interaction.ts'
import { errorForLog } from '../http/problem.ts'
import type { BuiltProvider, ProviderPorts } from './provider.ts'

/** Interval of the key refresh. */
const retryMs = 30_000

export function openIdProvider(
  ports: ProviderPorts,
  keys: Pick<OpenSigningKeys, 'current' | 'onChange'>,
): OpenIdProvider {
  let wanted: KeySet | undefined
  let built: { readonly keys: KeySet; readonly provider: BuiltProvider } | undefined
  let building: Promise<BuiltProvider> | undefined
  let failedAt = 0
  keys.onChange((set) => {
    wanted = set
    if (built !== undefined || building !== undefined) replace(set)
  })

  function start(set: KeySet): Promise<BuiltProvider> {
    const started = build(ports, set)
    building = started
    started.then(
      (provider) => {
        if (building !== started) return
        built = { keys: set, provider }
        building = undefined
      },
      (error) => {
        failedAt = ports.now().getTime()
        ports.log.error({ error: errorForLog(error) }, 'the OpenID Provider could not be built; it is tried again')
        if (building === started) building = undefined
      },
    )
    return started
  }

  /** The old provider answers until the new one is built; `start` logs a failure. */
  const replace = (set: KeySet) => void start(set).catch(() => {})

  async function provider(): Promise<BuiltProvider> {
    if (built === undefined) return first()
    const isDue = ports.now().getTime() - failedAt >= retryMs
    if (wanted !== undefined && built.keys !== wanted && building === undefined && isDue) replace(wanted)
    return built.provider
  }

  async function first(): Promise<BuiltProvider> {
    const set = await keys.current()
    wanted ??= set
    return built?.provider ?? building ?? start(wanted)
  }

  return {
    answer: async (request, response) => (await provider()).answer(request, response),
    interaction: async (request, response) => {
      const { uid, prompt, params, iat } = await (await provider()).interaction(request, response)
      const { name, reasons, details } = prompt
      return { uid, prompt: name, reasons, details, parameters: params, startedAt: new Date(iat * 1000) }
    },
    settle: async (request, response, result) => (await provider()).settle(request, response, result),
    readIdToken: async (token, appId) => (await provider()).readIdToken(token, appId),
    readAccessToken: async (token) => (await provider()).readAccessToken(token),
    prepare: async () => void (await provider()),
  }
}

async function build(ports: ProviderPorts, keys: KeySet): Promise<BuiltProvider> {
  const { buildProvider } = await import('./provider.ts')
  return buildProvider(ports, keys)
}
