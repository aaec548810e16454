/** Logins through the emulated Okta, against the bare client. */
import { deploy, type Storage, serve, tenant, untilListening, untilReady } from '../gatehouse.ts'
import type { LoginOrder } from '../load/login.ts'
import { freePort } from '../ports.ts'
import { scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import { compared, type Effort, inTurn } from '../rounds.ts'

const people = 50
const browsers = 8
/** Both have compiled their code after so many logins. */
const warmUpTimes = 1000

export async function benchOktaLogin(storage: Storage, effort: Effort): Promise<readonly Result[]> {
  const [upstreamPort, barePort] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${upstreamPort}/oauth2/default`
  const deployment = await deploy({ storage, issuer })
  const ports = [upstreamPort, deployment.port, barePort]
  const upstream = start(scriptOf('upstream'), [...ports, people].map(String))
  await untilListening(upstream, upstreamPort)
  const gatehouse = serve(deployment, 'measured')
  await untilReady(gatehouse, deployment.port)
  const bare = start(scriptOf('bare/login'), [`${barePort}`, storage.redis, issuer], { cores: 'measured' })
  await untilListening(bare, barePort)
  const loader = start(scriptOf('load/login'), [], { askable: true })

  const order = (begin: string, cookie: string): LoginOrder => ({ start: begin, cookie, people, browsers })
  const ours = `http://localhost:${deployment.port}/t/${tenant}/okta/start?return_to=%2Faccount`
  const cases = [
    { name: 'bare', server: bare, order: order(`http://localhost:${barePort}/start`, 'session') },
    { name: 'gatehouse', server: gatehouse, order: order(ours, 'gatehouse_session') },
  ]
  const [byBare = [], byUs = []] = await inTurn('Okta login', loader, cases, effort, warmUpTimes)
  await Promise.all([gatehouse, bare, upstream, loader].map((child) => stop(child)))
  return [compared('okta-login', 'logins/s', byUs, byBare)]
}
