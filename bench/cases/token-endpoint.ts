/**
 * Code → tokens at the token endpoint, ours and the plain provider's, round by round in turn. The codes come from real authorization
 * requests of signed-in people, made before the clock runs; key (RS256, 2048 bits), client authentication, scopes and kinds of tokens are
 * the same.
 */
import type { Storage } from '../gatehouse.ts'
import type { RedeemOrder } from '../load/tokens.ts'
import { type BenchedProvider, gatherCodes, startProviders } from '../providers.ts'
import type { Result } from '../results.ts'
import { type Case, compared, type Effort, inTurn } from '../rounds.ts'

const connections = 32
/** After a cold start the engine compiles for seconds yet, on both sides. */
const warmUpTimes = 4000
/** About as many as a second takes. */
const codesPerSecond = 600

export async function benchTokenEndpoint(storage: Storage, effort: Effort): Promise<readonly Result[]> {
  const { bare, gatehouse, loader, stop } = await startProviders(storage)
  const caseOf = (provider: BenchedProvider): Case => {
    const order: RedeemOrder = { do: 'redeem', port: provider.port, connections }
    const prepare = (seconds: number) => gatherCodes(loader, provider, Math.ceil(seconds * codesPerSecond))
    return { name: provider.name, server: provider.server, order, prepare }
  }
  const [byBare = [], byUs = []] = await inTurn(
    'token endpoint',
    loader,
    [caseOf(bare), caseOf(gatehouse)],
    effort,
    warmUpTimes,
  )
  await stop()
  return [compared('token-endpoint', 'codes/s', byUs, byBare)]
}
