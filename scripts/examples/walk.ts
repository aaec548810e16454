/** What a user does in the browser, with each kind of example. */
import type { Page } from 'playwright-core'
import type { Program } from './program.ts'

const person = 'ada@okta.example'
const greeting = /Hello, Ada Lovelace/

/** At Gatehouse's sign-in page: signs in through the emulated Okta. */
async function signInByOkta(page: Page, gatehouse: string): Promise<void> {
  await page.waitForURL(`${gatehouse}/login**`)
  await page.getByRole('link', { name: /okta/i }).click()
  await page.getByText(person).first().click()
}

async function allow(page: Page, gatehouse: string): Promise<void> {
  await page.waitForURL(`${gatehouse}/consent/**`)
  await page.locator('button[name=answer][value=yes]').click()
}

/** No session is left: the account page asks to sign in. */
async function expectSignedOut(page: Page, gatehouse: string): Promise<void> {
  await page.goto(`${gatehouse}/account`)
  await page.waitForURL(`${gatehouse}/login**`)
}

/** An app with pages of its own: "Sign in" is a link or a button, "Sign out" a button. */
export async function walkApp(page: Page, gatehouse: string, origin: string): Promise<void> {
  await page.goto(origin)
  await page
    .getByRole('link', { name: 'Sign in' })
    .or(page.getByRole('button', { name: 'Sign in' }))
    .click()
  await signInByOkta(page, gatehouse)
  await allow(page, gatehouse)
  await page.getByText(greeting).waitFor()
  if (new URL(page.url()).origin !== origin) throw new Error(`the greeting is at ${page.url()}`)
  await page.reload()
  await page.getByText(greeting).waitFor()
  await expectSafeCookies(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${origin}/`)
  await page.getByText('You are signed out.').waitFor()
  await page.goto(`${origin}/callback?code=stolen&state=guessed&iss=${encodeURIComponent(gatehouse)}`)
  await page.goto(origin)
  await page.getByText('You are signed out.').waitFor()
  await expectSignedOut(page, gatehouse)
}

async function expectSafeCookies(page: Page): Promise<void> {
  const cookies = await page.context().cookies()
  const unsafe = cookies.filter(({ httpOnly, sameSite }) => !httpOnly || sameSite === 'None')
  if (unsafe.length > 0) throw new Error(`cookies are not HttpOnly and SameSite: ${unsafe.map(({ name }) => name)}`)
}

/** An app behind a reverse proxy. */
export async function walkProxy(page: Page, gatehouse: string, origin: string): Promise<void> {
  await page.goto(`${origin}/reports?year=2026`)
  await signInByOkta(page, gatehouse)
  await page.waitForURL(`${origin}/reports?year=2026`)
  await page.getByText(greeting).waitFor()
  await page.getByRole('link', { name: 'Your account' }).click()
  await page.getByRole('button', { name: /your menu$/ }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL(`${gatehouse}/login**`)
  await page.goto(origin)
  await page.waitForURL(`${gatehouse}/login**`)
}

/** A program that prints the address to open. */
export async function walkNative(page: Page, gatehouse: string, program: Program): Promise<void> {
  await page.goto(await program.prints(/^(http\S+)$/m))
  await signInByOkta(page, gatehouse)
  await allow(page, gatehouse)
  await page.getByText('You can close this page.').waitFor()
  await pressEnter(program)
}

/** A program that prints a code to enter on another device. */
export async function walkDevice(page: Page, gatehouse: string, program: Program): Promise<void> {
  await page.goto(await program.prints(/Open (http\S+)/))
  await page.locator('[name=user_code]').fill(await program.prints(/the code (\S+)/))
  await page.locator('form:has([name=user_code]) button[type=submit]').click()
  await page.locator('button[name=confirm]').click()
  await signInByOkta(page, gatehouse)
  await allow(page, gatehouse)
  await pressEnter(program)
}

async function pressEnter(program: Program): Promise<void> {
  await program.prints(/(Hello, Ada Lovelace)/)
  program.write('\n')
  await program.prints(/(Signed out\.)/)
  await program.ends()
}

/** The React app signs in on its own pages, by password. */
export async function walkHeadless(
  page: Page,
  origin: string,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<void> {
  await page.goto(origin)
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText(greeting).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
}
