/** A browser at the emulated identity provider: picks a person or cancel, returns the form. */
import type { Challenge } from '../../../src/provider/provider.ts'

export async function visit(
  challenge: Challenge,
  choice: { readonly as: string } | 'cancel',
): Promise<URLSearchParams> {
  if (challenge.step === 'ask') throw new Error('expected to leave')
  const { url } = challenge
  const asked =
    challenge.step === 'redirect'
      ? await fetch(url)
      : await fetch(url, { method: 'POST', body: new URLSearchParams(challenge.fields) })
  const signIn = await asked.text()
  const wanted = choice === 'cancel' ? 'cancel=1' : `as=${encodeURIComponent(choice.as)}`
  const link = [...signIn.matchAll(/href="([^"]+)"/g)].map(([, href]) => href).find((href) => href?.endsWith(wanted))
  if (link === undefined) throw new Error(`${url.origin} answered ${asked.status}: ${signIn.slice(0, 3000)}`)
  return formOn(await (await fetch(new URL(link, url))).text())
}

function formOn(page: string): URLSearchParams {
  const fields = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)]
  return new URLSearchParams(fields.map(([, name = '', value = '']) => [unescaped(name), unescaped(value)]))
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
}
