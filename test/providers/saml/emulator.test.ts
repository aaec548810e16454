import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { type SamlEmulator, startSamlEmulator } from '../../../providers/saml/emulator/emulator.ts'
import type { FaultName } from '../../../providers/saml/emulator/faults.ts'
import { saml } from '../../../providers/saml/saml.ts'
import { testContext, testRecorder } from '../../contract/context.ts'
import { acs, entityId, state } from '../../support/providers/saml-forge.ts'
import { visit } from '../../support/providers/saml-login.ts'

describe('the emulated SAML identity provider', () => {
  let emulator: SamlEmulator
  let ours: { readonly privateKey: string | Buffer; readonly certificate: string }
  beforeAll(async () => {
    const { privateKey, certificate } = await certifiedKey('gatehouse')
    ours = { privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }), certificate }
    emulator = await startSamlEmulator({
      name: 'Acme <SSO>',
      services: [{ entityId, acs, certificate }],
      people: [{ nameId: 'ada & co', attributes: { displayName: ['Ada "A" Lovelace'], email: ['ada@acme.test'] } }],
    })
  })
  afterAll(() => emulator.close())

  function open(changes: Readonly<Record<string, unknown>> = {}) {
    return saml.open(saml.config.parse({ metadataUrl: emulator.metadataUrl, ...ours, ...changes }), testContext())
  }

  async function signIn() {
    const connection = open()
    const record = testRecorder()
    const challenge = await connection.begin({ state, record })
    const parameters = await visit(challenge, { as: 'ada & co' })
    return connection.complete({ parameters, memo: challenge.memo, state, record })
  }

  it('signs people in whatever their names hold', async () => {
    const { identity } = await signIn()
    expect(identity).toMatchObject({ subject: 'ada & co', profile: { name: 'Ada "A" Lovelace' } })
  })

  it.each<[FaultName, string]>([
    ['unsigned', 'signature of the Assertion'],
    ['foreignKey', 'signature of the Assertion'],
    ['sha1', 'signature algorithm'],
    ['changed', 'digest of the Assertion'],
    ['wrongIssuer', 'issuer of the assertion'],
    ['wrongAudience', 'audience'],
    ['wrongRecipient', 'Recipient'],
    ['wrongDestination', 'Destination'],
    ['wrongRequest', 'InResponseTo of the response'],
    ['unsolicited', 'InResponseTo'],
    ['expired', 'NotOnOrAfter of the Conditions'],
    ['clockAhead', 'IssueInstant'],
    ['clockBehind', 'IssueInstant'],
    ['comment', 'comments'],
    ['doctype', 'document type'],
    ['twoAssertions', 'Assertion elements'],
    ['transient', 'format of the NameID'],
    ['denies', 'status'],
  ])('can do %s wrong, and is found out', async (fault, check) => {
    emulator.reset()
    emulator.fault(fault)
    await expect(signIn()).rejects.toMatchObject({ check: { name: check, ok: false } })
    emulator.reset()
  })

  it.each<FaultName>(['signedResponse', 'signedBoth', 'encrypted', 'encryptedCbc', 'manyGroups', 'noEmail'])(
    'can be different by %s, and people still get in',
    async (fault) => {
      emulator.reset()
      emulator.fault(fault)
      expect((await signIn()).identity.subject).toBe('ada & co')
      emulator.reset()
    },
  )

  it('has a page where its faults are switched', async () => {
    const post = (form: Record<string, string>) =>
      fetch(`${emulator.url}/faults`, { method: 'POST', body: new URLSearchParams(form) })
    const page = await (await post({ on: 'sha1' })).text()
    expect(page).toContain('aria-pressed="true"')
    expect(page).toContain('Acme &#60;SSO&#62;')
    expect(await (await post({ reset: '1' })).text()).not.toContain('aria-pressed="true"')
  })

  it('takes only requests that the service signed, by either binding', async () => {
    const stranger = await certifiedKey('stranger')
    const key = { privateKey: stranger.privateKey.export({ format: 'pem', type: 'pkcs8' }) }
    for (const binding of ['redirect', 'post'] as const)
      for (const changes of [
        { privateKey: undefined, certificate: undefined },
        { ...key, certificate: stranger.certificate },
      ]) {
        const challenge = await open({ ...changes, binding }).begin({ state, record: testRecorder() })
        await expect(visit(challenge, { as: 'ada & co' })).rejects.toThrow('Request refused')
      }
  })
})
