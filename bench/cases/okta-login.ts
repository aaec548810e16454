/** Logins through the emulated Okta, against the bare client. */
import { tenant, untilListening } from '../gatehouse.ts'
import type { LoginOrder } from '../load/login.ts'
import { freePort } from '../ports.ts'
import { scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import { type Case, comparedAll, type Effort, inTurn } from '../rounds.ts'
import { ofEach, type Versions } from '../versions.ts'

const people = 50
const browsers = 8
/**
 * V8 optimizes a function after 3000 calls: until then the version with more logins behind it looks
 * cheaper.
 */
const warmUpTimes = 5000
/** Less than usual, so that a round lasts about as long as was asked. */
const perSecond = 300

export async function benchOktaLogin(versions: Versions, effort: Effort): Promise<readonly Result[]> {
  const [upstreamPort, barePort] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${upstreamPort}/oauth2/default`
  const deployed = await ofEach(versions, async ({ name, gatehouse, storage }) => {
    return { name, gatehouse, deployment: await gatehouse.deploy({ storage, issuer }) }
  })
  const ports = deployed.map(({ deployment }) => deployment.port)
  const upstream = start(scriptOf('upstream'), [upstreamPort, people, barePort, ...ports].map(String))
  await untilListening(upstream, upstreamPort)
  const bare = start(scriptOf('bare/login'), [`${barePort}`, versions[0].storage.redis, issuer], { cores: 'measured' })
  await untilListening(bare, barePort)
  const loader = start(scriptOf('load/login'), [], { askable: true })

  const order = (begin: string, cookie: string): LoginOrder => ({ start: begin, cookie, people, browsers })
  const bareOrder = order(`http://localhost:${barePort}/start`, 'session')
  const cases: Case[] = [{ name: 'bare', server: bare, perSecond, order: bareOrder }]
  for (const { name, gatehouse, deployment } of deployed) {
    const server = gatehouse.serve(deployment, 'measured')
    await gatehouse.untilReady(server, deployment.port)
    const path = `/t/${tenant}/okta/start?return_to=%2Faccount`
    const ownOrder = order(`http://localhost:${deployment.port}${path}`, 'gatehouse_session')
    cases.push({ name, server, perSecond, order: ownOrder })
  }
  const rounds = await inTurn('Okta login', loader, cases, effort, warmUpTimes)
  await Promise.all([...cases.map(({ server }) => server), upstream, loader].map((child) => stop(child)))
  return comparedAll('okta-login', 'logins/s', rounds, versions)
}
