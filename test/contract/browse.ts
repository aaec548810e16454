/** A minimal browser: it follows redirects with cookies and picks a person or cancel. */

export type Choice = { readonly as: string } | 'cancel'

/**
 * Follows `from` to a URL or posted form that begins with `stopAt`, which is not requested.
 * The fields of a form are returned as its query.
 */
export async function browse(from: URL, stopAt: string, choice: Choice): Promise<URL> {
  const jar = new Map<string, string>()
  let url = from
  for (let redirects = 0; redirects < 12; redirects += 1) {
    if (url.href.startsWith(stopAt)) return url
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) remember(jar, line)
    const body = await response.text()
    const posted = formTo(stopAt, body)
    if (posted !== undefined) return posted
    const next = response.headers.get('location') ?? linkOn(body, choice)
    if (next === undefined)
      throw new Error(
        `${url.origin}${url.pathname} answered ${response.status} and leads nowhere: ${body.slice(0, 5000)}`,
      )
    url = new URL(next, url)
  }
  throw new Error(`too many steps from ${from.origin}`)
}

function remember(jar: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const [name = '', value = ''] = pair.split(/=(.*)/s)
  jar.set(name, value)
}

function formTo(stopAt: string, page: string): URL | undefined {
  const action = unescaped(/<form method="post" action="([^"]+)"/.exec(page)?.[1] ?? '')
  if (!action.startsWith(stopAt)) return undefined
  const to = new URL(action)
  for (const [, name = '', value = ''] of page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g))
    to.searchParams.append(name, unescaped(value))
  return to
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
}

function linkOn(page: string, choice: Choice): string | undefined {
  const wanted = choice === 'cancel' ? 'cancel=1' : `as=${encodeURIComponent(choice.as)}`
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, link]) => link)
  return links.find((link) => link?.endsWith(wanted))
}
