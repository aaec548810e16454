/** A process with the emulated Okta: clients for Gatehouse and for the bare login, and users. */
import { startOktaEmulator } from '../providers/okta/emulator.ts'
import { profile } from './sessions.ts'

/** Of connections named okta. */
const tenants = (process.env['BENCH_TENANTS'] ?? 'bench').split(',')
const [port, people, barePort, ...gatehousePorts] = process.argv.slice(2).map(Number)

await startOktaEmulator({
  port: port ?? 0,
  clients: [
    {
      clientId: 'gatehouse',
      clientSecret: 'emulated',
      redirectUris: gatehousePorts.flatMap((each) =>
        tenants.map((tenant) => `http://localhost:${each}/t/${tenant}/okta/callback`),
      ),
    },
    { clientId: 'bare', clientSecret: 'emulated', redirectUris: [`http://localhost:${barePort}/callback`] },
  ],
  people: Array.from({ length: people ?? 1 }, (_, number) => ({
    sub: `person-${number}`,
    // unique to this upstream: a known email of another upstream would need verification
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
