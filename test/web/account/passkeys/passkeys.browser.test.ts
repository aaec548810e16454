/** Passkeys in Chromium with its virtual authenticator. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Session } from '../../../../src/broker/session/session.ts'
import { openBrowser } from '../../../support/browser/chromium.ts'
import { inspectPage } from '../../../support/browser/inspect.ts'
import { waitOptions } from '../../../support/gatehouse/test-gatehouse.ts'
import { type LocalGatehouse, startLocalGatehouse } from '../../../support/headless/local-gatehouse.ts'
import { addVirtualAuthenticator, type VirtualAuthenticator } from '../../../support/passkeys/virtual-authenticator.ts'

const password = 'a long enough canary password'

let gatehouse: LocalGatehouse
let browser: Browser

beforeAll(async () => {
  gatehouse = await startLocalGatehouse('', { beta: 'tenant: beta\nname: Beta\nconnections:\n  password: {}\n' })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await gatehouse?.stop()
})

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).first().click()

async function signIn(page: Page, email: string, tenant = 'acme'): Promise<void> {
  await page.goto(`${gatehouse.url}/login?tenant=${tenant}`)
  await page.getByLabel('Email').fill(email)
  await press(page, 'Continue')
  await page.getByLabel('Password').fill(password)
  await press(page, 'Sign in')
}

/** A browser with an authenticator whose user touches it at once. */
async function newPage(given?: BrowserContext) {
  const context = given ?? (await browser.newContext())
  const page = await context.newPage()
  return { context, page, authenticator: await addVirtualAuthenticator(page) }
}

/** Signs in with a password and creates a passkey on the offer page; signed out afterwards. */
async function withPasskey(email: string) {
  await gatehouse.addUser(email, password)
  const opened = await newPage()
  await signIn(opened.page, email)
  await opened.page.waitForURL(/\/login\/passkey\/offer/)
  await press(opened.page, 'Create a passkey')
  await opened.page.waitForURL(`${gatehouse.url}/account`)
  await opened.context.clearCookies()
  return opened
}

/** Autofill waits for the touch; the button does not. */
async function openLogin(page: Page, authenticator: VirtualAuthenticator, tenant = 'acme'): Promise<void> {
  await authenticator.setPresent(false)
  await page.goto(`${gatehouse.url}/login?tenant=${tenant}`)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor()
}

async function sessionOf(page: Page): Promise<Session['connection'] | undefined> {
  const answer = await page.request.get(`${gatehouse.url}/api/v1/session`)
  return answer.ok() ? (await answer.json()).authenticated : undefined
}

describe('a passkey', () => {
  // Chromium reports `conditionalCreate`, but its virtual authenticator creates only after a
  // gesture
  it('is offered after a password sign-in, created by the button, and signs in by the button', async () => {
    const { context, page, authenticator } = await withPasskey('ada@mail.test')
    expect(await authenticator.credentials()).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }])
    await openLogin(page, authenticator)
    const signedIn = page.waitForURL(`${gatehouse.url}/account`)
    await authenticator.setPresent(true)
    // autofill may have been faster
    await press(page, 'Sign in with a passkey').catch(() => undefined)
    await signedIn
    expect(await sessionOf(page)).toMatchObject({
      connection: 'passkey',
      kind: 'passkey',
      acr: 'urn:gatehouse:acr:phr',
      amr: ['hwk', 'user', 'mfa'],
    })
    await context.close()
  })

  it('signs in by autofill: the page asks for it without a click', async () => {
    const { context, page } = await withPasskey('autofill@mail.test')
    await page.goto(`${gatehouse.url}/login?tenant=acme`)
    await page.waitForURL(`${gatehouse.url}/account`)
    expect(await sessionOf(page)).toMatchObject({ connection: 'passkey' })
    await context.close()
  })

  it('is not offered again after "Not now", nor without a platform authenticator', async () => {
    await gatehouse.addUser('later@mail.test', password)
    const { context, page } = await newPage()
    await signIn(page, 'later@mail.test')
    await page.waitForURL(/\/login\/passkey\/offer/)
    await press(page, 'Not now')
    await page.waitForURL(`${gatehouse.url}/account`)
    await page.request.post(`${gatehouse.url}/account/sign-out`, { headers: { origin: gatehouse.url } })
    await signIn(page, 'later@mail.test')
    await page.waitForURL(`${gatehouse.url}/account`)
    await context.close()

    const other = await browser.newContext()
    const without = await other.newPage()
    await signIn(without, 'later@mail.test')
    await without.waitForURL(`${gatehouse.url}/account`)
    await other.close()
  })

  it('is listed, renamed and removed on the account site, and then refused and forgotten', async () => {
    const { context, page, authenticator } = await withPasskey('list@mail.test')
    await page.goto(`${gatehouse.url}/login?tenant=acme`)
    await page.waitForURL(`${gatehouse.url}/account`)
    await page.goto(`${gatehouse.url}/account/security/passkeys`)
    await page.getByText('On one device only').waitFor()
    await follow(page, 'Change Passkey')
    await page.getByLabel('Name').fill('Work laptop')
    await press(page, 'Save')
    await page.getByText('The passkey was renamed.').waitFor()
    await page.getByRole('heading', { name: 'Work laptop' }).waitFor()
    const [credential] = await authenticator.credentials()

    await follow(page, 'Change Work laptop')
    await follow(page, 'Remove this passkey')
    await page.getByRole('heading', { name: 'Remove the passkey “Work laptop”?' }).waitFor()
    await press(page, 'Remove passkey')
    await page.getByText('You have no passkeys yet.').waitFor()
    // the Signal API tells the authenticator: it has no accepted credential left
    await vi.waitFor(async () => expect(await authenticator.credentials()).toEqual([]), waitOptions)

    await context.clearCookies()
    if (credential === undefined) throw new Error('no credential')
    await authenticator.add(credential)
    await page.goto(`${gatehouse.url}/login?tenant=acme`)
    await page.getByText('This passkey did not work').waitFor()
    await vi.waitFor(async () => expect(await authenticator.credentials()).toEqual([]), waitOptions)
    await context.close()
  })

  it('of another tenant is refused, and not forgotten by the browser', async () => {
    const { context, page, authenticator } = await withPasskey('tenant@mail.test')
    await page.goto(`${gatehouse.url}/login?tenant=beta`)
    await page.getByText('This passkey did not work').waitFor()
    expect(await authenticator.credentials()).toHaveLength(1)
    await context.close()
  })

  it('whose counter decreases is a copy: refused, audited and emailed', async () => {
    const { context, page, authenticator } = await withPasskey('clone@mail.test')
    const [copy] = await authenticator.credentials()
    if (copy === undefined) throw new Error('no credential')
    for (let use = 0; use < 2; use++) {
      await page.goto(`${gatehouse.url}/login?tenant=acme`)
      await page.waitForURL(`${gatehouse.url}/account`)
      await context.clearCookies()
    }
    await authenticator.remove(copy.credentialId)
    await authenticator.add(copy)
    await page.goto(`${gatehouse.url}/login?tenant=acme`)
    await page.getByText('This passkey did not work').waitFor()
    expect(await sessionOf(page)).toBeUndefined()
    const events = await vi.waitFor(async () => {
      const found = await gatehouse.core.parts.audit.recent({ tenant: 'acme', action: 'passkey.cloned', limit: 5 })
      expect(found).toHaveLength(1)
      return found
    }, waitOptions)
    expect(events[0]?.details).toMatchObject({ counter: '2', stored: '3' })
    expect((await gatehouse.mail('clone@mail.test')).subject).toBe('A passkey for Acme may have been copied')
    await context.close()
  })

  it('keeps the user signed in only if the password step says so', async () => {
    const { context, page, authenticator } = await withPasskey('kept@mail.test')
    await openLogin(page, authenticator)
    await page.getByLabel('Email').fill('kept@mail.test')
    await press(page, 'Continue')
    await page.getByLabel('Keep me signed in').uncheck()
    const signedIn = page.waitForURL(`${gatehouse.url}/account`)
    await authenticator.setPresent(true)
    // autofill may have been faster
    await press(page, 'Sign in with a passkey').catch(() => undefined)
    await signedIn
    const session = (await context.cookies()).find(({ name }) => name.includes('gatehouse_session'))
    expect(session?.expires).toBe(-1)
    await context.close()
  })

  it('does not sign in a user whom the authenticator did not verify', async () => {
    const { context, page, authenticator } = await withPasskey('unverified@mail.test')
    await openLogin(page, authenticator)
    await authenticator.setVerified(false)
    await authenticator.setPresent(true)
    await press(page, 'Sign in with a passkey')
    await page.getByText('Canceled, or no passkey was found here.').waitFor()
    expect(await sessionOf(page)).toBeUndefined()
    await context.close()
  })
})

describe('the pages of passkeys', () => {
  it('have no accessibility faults, at 360 and 1440 px, light and dark', async () => {
    await gatehouse.addUser('pages@mail.test', password)
    const { context, page, authenticator } = await newPage()
    await openLogin(page, authenticator)
    await inspectPage(page, 'passkey-login')
    await signIn(page, 'pages@mail.test')
    await page.waitForURL(/\/login\/passkey\/offer/)
    await inspectPage(page, 'passkey-offer')
    await authenticator.setPresent(true)
    await press(page, 'Create a passkey')
    await page.waitForURL(`${gatehouse.url}/account`)
    await page.goto(`${gatehouse.url}/account/security/passkeys`)
    await inspectPage(page, 'passkey-list')
    await follow(page, 'Change Passkey')
    await inspectPage(page, 'passkey-change')
    await follow(page, 'Remove this passkey')
    await inspectPage(page, 'passkey-remove')
    await context.close()
  })
})

describe('without scripts', () => {
  it('the pages say that passkeys need them, and offer the other methods', async () => {
    await gatehouse.addUser('plain@mail.test', password)
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${gatehouse.url}/login?tenant=acme`)
    await page.getByText('Signing in with a passkey needs JavaScript').waitFor()
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0)
    await signIn(page, 'plain@mail.test')
    await page.waitForURL(`${gatehouse.url}/account`)
    await page.goto(`${gatehouse.url}/account/security/passkeys`)
    await page.getByText('Creating a passkey needs JavaScript').waitFor()
    expect(await page.getByRole('button', { name: 'Create a passkey' }).count()).toBe(0)
    await context.close()
  })
})
