/**
 * The OpenID provider as the rest of the house sees it. Its library is loaded after the server listens, or at the first request; when
 * the signing keys change, another provider is built and takes the place of the one before, and no request notices.
 */
import type { KeySet, OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { OpenIdProvider } from '../http/interaction.ts'
import { errorForLog } from '../http/problem.ts'
import type { BuiltProvider, OpenIdParts } from './provider.ts'

export function openIdProvider(open: OpenIdParts, keys: Pick<OpenSigningKeys, 'current' | 'onChange'>): OpenIdProvider {
  let wanted: KeySet | undefined
  let built: Built | undefined
  let building: Promise<BuiltProvider> | undefined
  let failedAt = 0
  keys.onChange((set) => {
    wanted = set
    if (built !== undefined || building !== undefined) replace(set)
  })

  function start(set: KeySet): Promise<BuiltProvider> {
    const isStarted = build(open, set)
    building = isStarted
    isStarted.then(
      (provider) => {
        if (building !== isStarted) return
        built = { keys: set, provider }
        building = undefined
      },
      (error) => {
        failedAt = open.parts.now().getTime()
        open.log.error({ error: errorForLog(error) }, 'the OpenID provider cannot be built; it is tried again')
        if (building === isStarted) building = undefined
      },
    )
    return isStarted
  }

  /** The one before answers until the new one is there; whether that comes about, it has said itself. */
  const replace = (set: KeySet) => void start(set).catch(() => {})

  async function provider(): Promise<BuiltProvider> {
    if (built === undefined) return first()
    const isDue = open.parts.now().getTime() - failedAt >= retryMs
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
      return {
        ...{ uid, prompt: prompt.name, reasons: prompt.reasons, details: prompt.details, parameters: params },
        startedAt: new Date(iat * 1000),
      }
    },
    settle: async (request, response, result) => (await provider()).settle(request, response, result),
    readIdToken: async (token, appId) => (await provider()).readIdToken(token, appId),
    prepare: async () => void (await provider()),
  }
}

interface Built {
  readonly keys: KeySet
  readonly provider: BuiltProvider
}

/** As often as the keys are looked at. */
const retryMs = 30_000

async function build(open: OpenIdParts, keys: KeySet): Promise<BuiltProvider> {
  const { buildProvider } = await import('./provider.ts')
  return buildProvider(open, keys)
}
