/** SA-89: which logout requests are refused. */
import { createHmac, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import { type LogoutRequestFacts, logoutRequestXml } from '../../../providers/saml/logout/logout-request.ts'
import type { LogoutMessage } from '../../../src/provider/provider.ts'
import {
  byPost,
  byRedirect,
  facts,
  noticeOf,
  posted,
  queryBy,
  queryOf,
  receiveLogout,
  slo,
} from '../../support/providers/saml-logout.ts'
import { keys } from '../../support/providers/saml-sign-in.ts'

describe('SA-89 a logout request is refused', () => {
  const past = (seconds: number) => new Date(Date.now() - seconds * 1000)
  const wrong: readonly (readonly [string, Partial<LogoutRequestFacts>, string])[] = [
    ['of another issuer', { issuer: 'https://other.idp' }, 'issuer of the request'],
    ['for another address', { destination: 'https://other.test/logout' }, 'Destination'],
    ["for another tenant's connection", { destination: slo.replace('acme', 'beta') }, 'Destination'],
    ['for no address', { destination: null }, 'Destination'],
    ['that ended', { notOnOrAfter: past(90) }, 'NotOnOrAfter of the LogoutRequest'],
    ['from an hour ago', { issuedAt: past(3600) }, 'IssueInstant'],
    ['from the future', { issuedAt: past(-600) }, 'IssueInstant'],
    ['without a NameID', { nameId: null }, 'NameID'],
    [
      'that names a user at another service',
      { written: { SPNameQualifier: 'https://o.test' } },
      'SPNameQualifier of the NameID',
    ],
    ['without a usable ID', { id: '1 2' }, 'ID of the LogoutRequest'],
    ['with an empty session', { sessionIndexes: [''] }, 'SessionIndex'],
    ['with a hundred sessions', { sessionIndexes: Array.from({ length: 100 }, (_, n) => `${n}`) }, 'SessionIndex'],
  ]
  it.each(wrong)('%s', async (_, changes, name) => {
    for (const write of [byRedirect, byPost])
      await expect(receiveLogout(write(changes))).rejects.toMatchObject({
        code: 'callback_invalid',
        check: { name, ok: false },
      })
  })

  const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
  const byKey = (hash: string) => (content: Buffer) => sign(hash, content, keys.idp.privateKey)
  const queries: readonly (readonly [string, () => string, string])[] = [
    ['without signature', () => queryOf(logoutRequestXml(facts())).replace(/&SigAlg.*/, ''), 'signature of the query'],
    ['without SigAlg', () => queryOf(logoutRequestXml(facts())).replace(/&SigAlg=[^&]*/, ''), 'signature of the query'],
    ['by another key', () => queryOf(logoutRequestXml(facts()), keys.stranger), 'signature of the query'],
    ['by our own key', () => queryOf(logoutRequestXml(facts()), keys.ours), 'signature of the query'],
    ['by SHA-1', () => queryBy('http://www.w3.org/2000/09/xmldsig#rsa-sha1', byKey('sha1')), 'signature algorithm'],
    ['by SHA-1 under another name', () => queryBy(rsaSha256, byKey('sha1')), 'signature of the query'],
    [
      'by HMAC with the certificate as its secret',
      () =>
        queryBy('http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', (content) =>
          createHmac('sha256', keys.idp.certificate).update(content).digest(),
        ),
      'signature algorithm',
    ],
    [
      'with another RelayState',
      () => `${queryOf(logoutRequestXml(facts()))}&RelayState=evil`,
      'signature of the query',
    ],
    [
      'with the signature of another',
      () =>
        queryOf(logoutRequestXml(facts({ nameId: 'eve' }))).replace(
          /Signature=.*/,
          /Signature=.*/.exec(queryOf(logoutRequestXml(facts())))?.[0] ?? '',
        ),
      'signature of the query',
    ],
    [
      'that is a response',
      () => queryOf(logoutRequestXml(facts()).replaceAll('LogoutRequest', 'LogoutResponse')),
      'message',
    ],
    [
      'signed inside too',
      () => queryOf(signed(logoutRequestXml(facts()), 'LogoutRequest', keys.idp)),
      'signature of the LogoutRequest',
    ],
  ]
  it.each(queries)('by HTTP-Redirect %s', async (_, query, name) => {
    await expect(receiveLogout(noticeOf({ query: query() }))).rejects.toMatchObject({
      code: 'callback_invalid',
      check: { name, ok: false },
    })
  })

  const weak = {
    signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
  }
  const whole = () => signed(logoutRequestXml(facts()), 'LogoutRequest', keys.idp)
  const posts: readonly (readonly [string, () => LogoutMessage, string])[] = [
    ['without signature', () => posted(logoutRequestXml(facts())), 'signature of the LogoutRequest'],
    ['by another key', () => byPost({}, keys.stranger), 'signature of the LogoutRequest'],
    ['by SHA-1', () => byPost({}, keys.idp, weak), 'signature algorithm'],
    [
      'by HMAC',
      () =>
        posted(
          whole().replace(/(SignatureMethod Algorithm=")[^"]*/, `$1${'http://www.w3.org/2000/09/xmldsig#hmac-sha1'}`),
        ),
      'signature algorithm',
    ],
    ['changed after signing', () => posted(whole().replace('>ada<', '>eve<')), 'digest of the LogoutRequest'],
    [
      'with a second name',
      () => posted(whole().replace('<saml:NameID>', '<saml:NameID>eve</saml:NameID><saml:NameID>')),
      'digest of the LogoutRequest',
    ],
    [
      'wrapped around a signed one',
      () => {
        const inner = whole().replace(' ID="', ' x="1" ID="')
        const outer = logoutRequestXml(facts({ nameId: 'eve' }))
        return posted(outer.replace('<saml:NameID>', `<samlp:Extensions>${inner}</samlp:Extensions><saml:NameID>`))
      },
      'place of Signature',
    ],
    [
      'with a signature in the query of a form',
      () => posted(logoutRequestXml(facts()), { SigAlg: 'x', Signature: 'eA==' }),
      'signature of the LogoutRequest',
    ],
  ]
  it.each(posts)('by HTTP-POST %s', async (_, notice, name) => {
    await expect(receiveLogout(notice())).rejects.toMatchObject({
      code: 'callback_invalid',
      check: { name, ok: false },
    })
  })

  const unreadable: readonly (readonly [string, () => LogoutMessage])[] = [
    ['that is not there', () => noticeOf({ query: '' })],
    ['that is there twice', () => noticeOf({ query: `${queryOf(logoutRequestXml(facts()))}&SAMLRequest=x` })],
    ['with a response beside it', () => noticeOf({ query: `${queryOf(logoutRequestXml(facts()))}&SAMLResponse=x` })],
    ['that is not base64', () => noticeOf({ query: 'SAMLRequest=%%%&SigAlg=x&Signature=eA%3D%3D' })],
    ['that inflates to 2 MB', () => noticeOf({ query: queryOf(' '.repeat(2_000_000)) })],
    ['with a document type', () => noticeOf({ query: queryOf(`<!DOCTYPE x>${logoutRequestXml(facts())}`) })],
    ['with a comment', () => posted(logoutRequestXml(facts()).replace('ada', 'ada<!-- -->.evil'))],
    ['of 300 kB', () => posted('x'.repeat(300_000))],
    [
      'with a long RelayState',
      () => noticeOf({ query: queryOf(logoutRequestXml(facts()), keys.idp, 'x'.repeat(2000)) }),
    ],
  ]
  it.each(unreadable)('%s', async (_, notice) => {
    await expect(receiveLogout(notice())).rejects.toMatchObject({ code: 'request_invalid' })
  })

  it('by another way', async () => {
    await expect(receiveLogout({ ...byRedirect(), endpoint: 'backchannel-logout' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
