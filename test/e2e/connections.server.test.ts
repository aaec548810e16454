/** Every connection of the quickstart in Chromium, from the demo app to a profile. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { openBrowser } from '../support/browser/chromium.ts'
import { inspectPage } from '../support/browser/inspect.ts'
import { type Quickstart, startQuickstart } from '../support/servers/quickstart.ts'

const userForm = z.object({ user: z.object({ id: z.string().min(1) }) })

let quickstart: Quickstart
let browser: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  ;[quickstart, browser] = await Promise.all([startQuickstart(), openBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await quickstart?.stop()
})
beforeEach(openFreshBrowser)
afterEach(() => context.close())

async function openFreshBrowser(): Promise<void> {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  page = await context.newPage()
}

/** Several pages, each looked at four times. */
const patience = 90_000
const inspect = (name: string) => inspectPage(page, name)

/** From the demo app through a gate, as someone the upstream knows. */
async function arriveBy(label: string, email: string): Promise<void> {
  await page.goto(quickstart.demo)
  await page.getByRole('link', { name: `Sign in with ${label}`, exact: true }).click()
  await page.getByText(email, { exact: true }).first().click()
}

async function typePassword(): Promise<void> {
  const { email, password } = quickstart.person
  const field = page.getByRole('textbox', { name: 'Email' })
  if (await field.isEditable()) {
    await field.fill(email)
    await page.getByRole('button', { name: 'Continue' }).click()
  }
  await page.locator('#password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** From the page that says what was connected, to the app. */
async function continueConnected(name: string): Promise<void> {
  await page.getByRole('heading', { name: `${name} is now connected` }).waitFor()
  await page.getByRole('link', { name: /^Continue to / }).click()
}

/** The session that the demo app shows. */
async function sessionAtDemo(name = 'Ada Lovelace'): Promise<unknown> {
  await page.waitForURL(`${quickstart.demo}/`)
  await page.getByText(`Hello, ${name}`).waitFor()
  const token = /gth_s_[0-9A-Za-z]+/.exec(await page.content())?.[0]
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${quickstart.gatehouse}/api/v1/session`, { headers })).json()
}

async function userId(name?: string): Promise<unknown> {
  const session = await sessionAtDemo(name)
  return userForm.parse(session).user.id
}

const brands = ['Okta', 'Google', 'Microsoft', 'Apple', 'GitHub', 'GitLab', 'LinkedIn', 'EPAM SSO', 'email']

it('offers all connections in the demo app and on the sign-in page', async () => {
  await page.goto(quickstart.demo)
  await inspect('gates-demo')
  const labels = brands.map((name) => `Sign in with ${name}`)
  expect(await page.locator('.connections a').allInnerTexts()).toEqual(labels)
  await page.goto(`${quickstart.gatehouse}/login?tenant=demo`)
  await inspect('gates-login')
  expect(await page.locator('.connections a').allInnerTexts()).toEqual(
    expect.arrayContaining(labels.filter((label) => !label.includes('email'))),
  )
})

/** Apple and EPAM SSO are on another site and answer by a cross-site form. */
it.each([
  ['Okta', 'okta', 'ada@okta.example', true],
  ['Google', 'google', 'ada@gmail.example', false],
  ['LinkedIn', 'linkedin', 'ada@linkedin.example', false],
  ['Apple', 'apple', 'ada@icloud.example', false],
  ['EPAM SSO', 'epam', 'ada_lovelace@epam.example', true],
  ['Microsoft', 'entra', 'ada@entra.example', true],
  ['GitHub', 'github', 'ada@github.example', false],
  ['GitLab', 'gitlab', 'ada@gitlab.example', false],
])(
  'signs a user in by %s from the demo app, then as the same user; an email of an authoritative domain is verified',
  async (label, connection, email, isOfItsDomain) => {
    await arriveBy(label, email)
    expect(await sessionAtDemo()).toMatchObject({
      tenant: 'demo',
      profile: { email, email_verified: isOfItsDomain, name: 'Ada Lovelace' },
      authenticated: { connection },
    })
    await inspect(`signed-in-${connection}`)
    const first = await userId()
    await context.close()
    await openFreshBrowser()
    await arriveBy(label, email)
    expect(await userId()).toBe(first)
  },
  patience,
)

it('signs a user in by password from the demo app to a profile', async () => {
  await page.goto(quickstart.demo)
  await page.getByRole('link', { name: 'Sign in with email' }).click()
  await inspect('gates-password')
  await typePassword()
  expect(await sessionAtDemo()).toMatchObject({
    profile: { email: quickstart.person.email, name: 'Ada Lovelace' },
    authenticated: { connection: 'password' },
  })
})

it(
  "a second connection with a password user's email leads over the linking page to one user",
  async () => {
    await page.goto(quickstart.demo)
    await page.getByRole('link', { name: 'Sign in with email' }).click()
    await typePassword()
    const before = await userId()
    await context.close()

    await openFreshBrowser()
    await arriveBy('Google', quickstart.person.email)
    await page.getByRole('heading', { name: 'This email is already in use' }).waitFor()
    expect(await page.locator('main').innerText()).toContain(quickstart.person.email)
    await inspect('linking')
    await page.locator('.connections a').first().click()
    await inspect('linking-proof')
    await typePassword()
    await continueConnected('Google')
    expect(await userId()).toBe(before)
    await page.goto(`${quickstart.gatehouse}/account/sign-in-methods`)
    expect(await page.locator('main').innerText()).toMatch(/Google/)
    await inspect('account-linked')
    await context.close()

    await openFreshBrowser()
    await arriveBy('Google', quickstart.person.email)
    expect(await sessionAtDemo()).toMatchObject({ user: { id: before }, authenticated: { connection: 'google' } })
  },
  patience,
)

/** Both verified by their gates, of which neither may speak for gmail.example. */
it(
  'a second connection with the same verified email leads over the linking page, which says why, to one user',
  async () => {
    await arriveBy('Google', 'ada@gmail.example')
    const before = await userId()
    await context.close()

    await openFreshBrowser()
    await arriveBy('Apple', 'ada@gmail.example')
    await page.getByRole('heading', { name: 'This email is already in use' }).waitFor()
    expect(await page.locator('main').innerText()).toContain('does not manage addresses at gmail.example')
    await inspect('linking-verified')
    await page.getByRole('link', { name: 'Sign in with Google' }).click()
    await page.getByText('ada@gmail.example', { exact: true }).first().click()
    await continueConnected('Apple')
    expect(await userId()).toBe(before)
    await page.goto(`${quickstart.gatehouse}/account/sign-in-methods`)
    expect(await page.locator('main').innerText()).toMatch(/Apple[\s\S]*Google|Google[\s\S]*Apple/)
    await context.close()

    await openFreshBrowser()
    await arriveBy('Apple', 'ada@gmail.example')
    expect(await sessionAtDemo()).toMatchObject({ user: { id: before }, authenticated: { connection: 'apple' } })
  },
  patience,
)

it(
  'a person with a shared mailbox can decline linking and stays a separate user',
  async () => {
    await arriveBy('Google', 'family@gmail.example')
    const first = await userId()
    await context.close()

    await openFreshBrowser()
    await arriveBy('Apple', 'family@gmail.example')
    await page.getByRole('button', { name: 'Create a separate account' }).click()
    const second = await userId('Grace Hopper')
    expect(second).not.toBe(first)
    await context.close()

    await openFreshBrowser()
    await arriveBy('Apple', 'family@gmail.example')
    expect(await userId('Grace Hopper')).toBe(second)
  },
  patience,
)

it.each(['Okta', 'Google', 'LinkedIn', 'Apple'])('reports a cancellation at %s on the sign-in page', async (label) => {
  await page.goto(quickstart.demo)
  await page.getByRole('link', { name: `Sign in with ${label}`, exact: true }).click()
  await page.getByRole('link', { name: /cancel/i }).click()
  await page.getByText(`The sign-in with ${label} was canceled.`).waitFor()
  await inspect(`canceled-${label.toLowerCase()}`)
})

it.each([
  ['Apple', 'ada@icloud.example'],
  ['EPAM SSO', 'ada_lovelace@epam.example'],
])('signs a user in by %s without scripts: one click at the upstream, one at Gatehouse', async (label, email) => {
  await context.close()
  context = await browser.newContext({ javaScriptEnabled: false })
  page = await context.newPage()
  await arriveBy(label, email)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Signing you in' }).waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(`${quickstart.demo}/`)
  await page.getByText('Hello, Ada Lovelace').waitFor()
})
