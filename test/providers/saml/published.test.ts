import { X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { idpMetadata } from '../../../providers/saml/emulator/response.ts'
import { testRecorder } from '../../contract/context.ts'
import { configOf, idpEntityId, open, sharedKeys, state } from '../../support/providers/saml-forge.ts'

const keys = await sharedKeys()
const from = new Date('2026-01-01')
const [sooner, later] = [new Date('2031-03-01T00:00:00Z'), new Date('2032-03-01T00:00:00Z')]

it('is unknown before the configuration is read, and then has the end of each certificate', async () => {
  const [one, two] = [
    await certifiedKey('one', { from, until: sooner }),
    await certifiedKey('two', { from, until: later }),
  ]
  const metadata = idpMetadata({
    entityId: idpEntityId,
    address: 'https://idp.acme.test/sso',
    certificates: [one.certificate, two.certificate],
    validUntil: sooner,
  })
  const ours = {
    privateKey: keys.ours.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    certificate: keys.ours.certificate,
  }
  const connection = open({ metadata, ...ours })
  expect(connection.published?.()).toBeUndefined()
  await connection.begin({ state, record: testRecorder() })
  const published = connection.published?.()
  expect(published?.expiries).toEqual([
    // the last of both: the other one is for a change of keys
    { kind: 'certificate', name: 'certificate', expiresAt: later },
    {
      kind: 'our certificate',
      name: 'our certificate',
      expiresAt: new Date(new X509Certificate(keys.ours.certificate).validTo),
    },
    { kind: 'metadata', name: 'validUntil', expiresAt: sooner },
  ])
  const fingerprints = [one, two].map(({ certificate }) => `SHA-256 ${new X509Certificate(certificate).fingerprint256}`)
  expect(published?.certificates).toEqual(fingerprints.toSorted())
  expect(published?.endpoints).toContain('redirect https://idp.acme.test/sso')
})

it('has other fingerprints once the certificate is replaced', async () => {
  const of = async (certificate: string) => {
    const connection = open(configOf(keys, { certificates: [certificate] }))
    await connection.begin({ state, record: testRecorder() })
    return connection.published?.()?.certificates
  }
  expect(await of(keys.idp.certificate)).toHaveLength(1)
  expect(await of(keys.idp.certificate)).not.toEqual(await of(keys.next.certificate))
})
