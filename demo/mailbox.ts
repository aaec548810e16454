/** A page with the emails that Gatehouse wrote to a directory. For development only. */
import { createServer, type Server } from 'node:http'
import { documentOf, type Html, html } from './html.ts'
import { type MailboxEntry, readMailbox } from './read-mailbox.ts'
import { tryNext } from './try-next.ts'

/** Listens on localhost, except in a container (compose.yaml). */
export function startMailbox(options: { readonly port: number; readonly directory: string }): Server {
  const server = createServer(async (request, response) => {
    if (request.url !== '/' || request.method !== 'GET') return response.writeHead(404).end('not found')
    // an email was deleted meanwhile: reload
    const mails = await readMailbox(options.directory).catch(() => [])
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    response.end(mailboxPage(mails))
  })
  return server.listen(options.port, process.env['EMULATORS_ADDRESS'] ?? 'localhost')
}

function mailboxPage(mails: readonly MailboxEntry[]): string {
  const list =
    mails.length === 0
      ? html`<p class="card">No email yet. Sign up or reset a password, then refresh.</p>`
      : mails.map(mailCard)
  return documentOf(
    'Mailbox',
    html`<header>Mailbox</header>
<main>
<h1>Emails Gatehouse would have sent</h1>
<p class="soft">Newest first. They are files in var/mail; nothing leaves this machine.</p>
<div class="actions"><a class="button" href="/">Refresh</a></div>
${list}
${tryNext('mail')}
</main>`,
  )
}

/** Its links open in this tab, as in an email program. */
function mailCard({ subject, to, text, html: page, writtenAt }: MailboxEntry): Html {
  const inTab = page.replace('<head>', '<head><base target="_top">')
  return html`<article class="card">
<h2 style="margin-top:0">${subject}</h2>
<p class="soft">To ${to} · ${writtenAt.toUTCString()}</p>
<iframe title="${subject}" sandbox="allow-top-navigation-by-user-activation" srcdoc="${inTab}"
 style="width:100%;height:30rem;border:1px solid #ccc;border-radius:8px"></iframe>
<details><summary>Plain text</summary>
<pre>${linked(text.trim())}</pre>
</details>
</article>`
}

/** Turns URLs in the text into links. */
function linked(text: string): readonly Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((piece, i) => (i % 2 === 1 ? html`<a href="${piece}">${piece}</a>` : html`${piece}`))
}
