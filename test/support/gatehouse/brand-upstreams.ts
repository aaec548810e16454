/** An organization with emulated Google, LinkedIn and Okta, passwords and the OpenID test apps. */
import { startGoogleEmulator } from '../../../providers/google/emulator.ts'
import { startLinkedInEmulator } from '../../../providers/linkedin/emulator.ts'
import type { BrandEmulator } from '../../../providers/oidc/emulator/emulator.ts'
import { startProviderServer } from '../oidc/relying-parties.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from './tenants.ts'
import type { TestGatehouse } from './test-gatehouse.ts'

export const gus = { sub: 'g-gus', name: 'Gus of Google', email: 'gus@gmail.com', email_verified: true }
export const lin = { sub: 'l-lin', name: 'Lin of LinkedIn', email: 'lin@elsewhere.test', email_verified: true }
export const pat = { sub: 'l-pat', name: 'Pat of LinkedIn', email: 'pat@elsewhere.test', email_verified: true }

export interface BrandUpstreams {
  readonly server: TestGatehouse
  readonly google: BrandEmulator
  readonly linkedin: BrandEmulator
  stop(): Promise<void>
}

export async function startBrandUpstreams(): Promise<BrandUpstreams> {
  const client = (connection: string) => ({
    clientId: 'gatehouse',
    clientSecret: 'canary-client-secret-of-acme',
    redirectUris: [`${publicOrigin}/t/acme/${connection}/callback`],
  })
  const okta = await oktaFor()
  const google = await startGoogleEmulator({ clients: [client('google')], people: [gus] })
  const linkedin = await startLinkedInEmulator({ clients: [client('linkedin')], people: [lin, pat] })
  const connection = (id: string, { endpoints }: BrandEmulator) =>
    `  ${id}:\n    clientId: gatehouse\n    clientSecret: \${ACME_SECRET}\n    endpoints: ${JSON.stringify(endpoints)}\n`
  const connections = connection('google', google) + connection('linkedin', linkedin)
  const acme = acmeYaml(okta).replace('  password:', `${connections}  password:`)
  const server = await startProviderServer({ okta, tenants: { 'acme.yaml': acme, 'beta.yaml': betaYaml(okta) } })
  const stop = async () => {
    await server.stop()
    await Promise.all([okta.close(), google.close(), linkedin.close()])
  }
  return { server, google, linkedin, stop }
}
