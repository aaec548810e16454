/** A process with the emulated Okta: one client for Gatehouse, one for the bare login, and people with a 400-byte profile. */
import { startOktaEmulator } from '../providers/okta/emulator.ts'
import { profile } from './sessions.ts'

const [port, gatehousePort, barePort, people] = process.argv.slice(2).map(Number)

await startOktaEmulator({
  port: port ?? 0,
  clients: [
    {
      clientId: 'gatehouse',
      clientSecret: 'emulated',
      redirectUris: [`http://localhost:${gatehousePort}/t/bench/okta/callback`],
    },
    { clientId: 'bare', clientSecret: 'emulated', redirectUris: [`http://localhost:${barePort}/callback`] },
  ],
  people: Array.from({ length: people ?? 1 }, (_, number) => ({
    sub: `person-${number}`,
    // of this upstream alone: a run has several, and a known email of another one asks for a proof
    email: `person-${number}@port-${port}.example.com`,
    email_verified: true,
    name: profile.name,
    given_name: profile.givenName,
    family_name: profile.familyName,
    picture: profile.pictureUrl,
    locale: profile.locale,
    zoneinfo: profile.zoneinfo,
    groups: profile.groups,
  })),
})
