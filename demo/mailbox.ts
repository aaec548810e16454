/** A page that shows the mails Gatehouse wrote to a folder instead of sending them. For trying things out only. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { documentOf, type Html, html } from './html.ts'
import { type ReadMail, readMail } from './mail-file.ts'

const mostMails = 50

interface ReceivedMail extends ReadMail {
  readonly at: Date
}

/** Listens on localhost. */
export function startMailbox(options: { readonly port: number; readonly folder: string }): Server {
  const server = createServer(async (request, response) => {
    if (request.url !== '/' || request.method !== 'GET') return response.writeHead(404).end('not found')
    const page = mailboxPage(await mailsIn(options.folder))
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page)
  })
  return server.listen(options.port, 'localhost')
}

/** Newest first. A file that goes away in between is simply not shown. */
async function mailsIn(folder: string): Promise<readonly ReceivedMail[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'))
  const files = await Promise.all(names.map((name) => withTime(join(folder, name))))
  const newest = files.filter((file) => file !== null).sort((a, b) => b.at.getTime() - a.at.getTime())
  const mails = newest.slice(0, mostMails).map(async ({ path, at }) => {
    const source = await readFile(path, 'latin1').catch(() => null)
    return source === null ? null : { ...readMail(source), at }
  })
  return (await Promise.all(mails)).filter((mail) => mail !== null)
}

async function withTime(path: string): Promise<{ readonly path: string; readonly at: Date } | null> {
  const found = await stat(path).catch(() => null)
  return found === null ? null : { path, at: found.mtime }
}

function mailboxPage(mails: readonly ReceivedMail[]): string {
  const list =
    mails.length === 0
      ? html`<p class="card">No mail yet. Sign up or reset a password, then refresh.</p>`
      : mails.map(mailCard)
  return documentOf(
    'Mailbox',
    html`<header>Mailbox</header>
<main>
<h1>Mails Gatehouse would have sent</h1>
<p class="soft">Newest first. They are files in var/mail; nothing leaves this machine.</p>
<div class="actions"><a class="button" href="/">Refresh</a></div>
${list}
</main>`,
  )
}

function mailCard({ subject, to, text, at }: ReceivedMail): Html {
  return html`<article class="card">
<h2 style="margin-top:0">${subject}</h2>
<p class="soft">To ${to} · ${at.toISOString().slice(0, 19).replace('T', ' ')} UTC</p>
<pre>${linked(text.trim())}</pre>
</article>`
}

/** Web addresses in the text become links. */
function linked(text: string): readonly Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((piece, i) => (i % 2 === 1 ? html`<a href="${piece}">${piece}</a>` : html`${piece}`))
}
