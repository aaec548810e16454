import { epam } from '../../../providers/epam/epam.ts'
import { certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { startSamlEmulator } from '../../../providers/saml/emulator/emulator.ts'
import { saml } from '../../../providers/saml/saml.ts'
import type { Provider } from '../../../src/provider/provider.ts'
import type { UpstreamFixture } from '../../contract/context.ts'
import { providerContract } from '../../contract/provider.ts'
import { visit } from '../../support/providers/saml-login.ts'

const ada = {
  nameId: 'G-ada',
  attributes: { email: ['Ada@Acme.test'], displayName: ['Ada Lovelace'], groups: ['Analysts'] },
}
const service = {
  entityId: 'https://gatehouse.test/t/acme/okta/metadata',
  acs: 'https://gatehouse.test/t/acme/okta/callback',
}

async function fixtureOf(provider: Provider, changes: Readonly<Record<string, unknown>>): Promise<UpstreamFixture> {
  const ours = await certifiedKey('gatehouse')
  const emulator = await startSamlEmulator({
    services: [{ ...service, certificate: ours.certificate }],
    people: [ada, { nameId: 'G-alan', attributes: {} }],
  })
  const privateKey = ours.privateKey.export({ format: 'pem', type: 'pkcs8' })
  return {
    provider,
    config: {
      metadataUrl: emulator.metadataUrl,
      privateKey,
      certificate: ours.certificate,
      emailsVerified: true,
      ...changes,
    },
    typo: { key: 'metadataUrl', value: 'http://idp.acme.test/metadata' },
    person: { issuer: emulator.entityId, subject: ada.nameId, email: { address: 'ada@acme.test', verified: true } },
    stateParameter: 'RelayState',
    answer: (challenge) => visit(challenge, { as: ada.nameId }),
    deny: (challenge) => visit(challenge, 'cancel'),
    withoutEmail: () => emulator.fault('noEmail'),
    faults: {
      down: () => emulator.fault('down'),
      html: () => emulator.fault('html'),
      heal: emulator.reset,
      requests: () => Object.values(emulator.counters).reduce((sum, count) => sum + count, 0),
    },
    close: emulator.close,
  }
}

for (const binding of ['redirect', 'post'] as const) {
  providerContract(`SAML by HTTP-${binding}`, { challenge: binding, start: () => fixtureOf(saml, { binding }) })
  providerContract(`EPAM SSO by HTTP-${binding}`, { challenge: binding, start: () => fixtureOf(epam, { binding }) })
}
