/** Makes an email of its blocks: HTML and plain text with the same content. */
import type { ComponentChildren } from 'preact'
import { render } from 'preact-render-to-string'
import type { Mail } from '../../broker/ports/durable.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import { BrandColor, font, plainText } from './blocks.tsx'
import { singleLine } from './words.ts'

export interface Envelope {
  readonly to: string
  readonly tenantName: string
  /** Accent color of the tenant, as `#rrggbb`. Default: ours. */
  readonly color?: string | undefined
}

export interface Content {
  /** Short: the title too. */
  readonly subject: string
  readonly body: ComponentChildren
}

const defaultColor = '#1f4fd8'

/** Escapes what it shows. Throws unless the recipient is one address in canonical form (RE-04). */
export function compose({ to, tenantName, color = defaultColor }: Envelope, { subject, body }: Content): Mail {
  if (canonicalEmail(to) !== to) throw new Error('an email goes to an address in canonical form only')
  const footer = `Sent by the sign-in page of ${singleLine(tenantName)}. Replies are not read.`
  const text = `${plainText(body)}\n\n--\n${footer}\n`
  const html = render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>{subject}</title>
        <style>{darkStyles}</style>
      </head>
      <body class="page" style="margin:0;padding:0;background:#f6f8fa">
        <div style="max-width:560px;margin:0 auto;padding:24px 12px">
          <p
            class="text"
            style={`margin:0 0 12px;${font};font-size:16px;line-height:24px;font-weight:600;color:#1f2328`}
          >
            {singleLine(tenantName)}
          </p>
          <div
            class="card"
            style={`padding:24px 20px 8px;background:#ffffff;border:1px solid #d1d9e0;border-top:4px solid ${color};border-radius:8px`}
          >
            <h1
              class="text"
              style={`margin:0 0 16px;${font};font-size:20px;line-height:28px;font-weight:600;color:#1f2328;overflow-wrap:anywhere`}
            >
              {subject}
            </h1>
            <BrandColor.Provider value={color}>{body}</BrandColor.Provider>
          </div>
          <p class="small" style={`margin:16px 0 0;${font};font-size:14px;line-height:20px;color:#59636e`}>
            {footer}
          </p>
        </div>
      </body>
    </html>,
  )
  return { senderName: singleLine(tenantName), to, subject, text, html: `<!doctype html>${html}` }
}

/** Email programs that drop it show the light colors, which are inline. */
const darkStyles = `:root{color-scheme:light dark}
@media (prefers-color-scheme:dark){
.page{background:#0d1117!important}
.card{background:#151b23!important;border-right-color:#3d444d!important;border-bottom-color:#3d444d!important;border-left-color:#3d444d!important}
.text{color:#f0f6fc!important}
.small{color:#9198a1!important}
.code{background:#262c36!important;color:#f0f6fc!important}
.button{border-color:#6e7681!important}
}`
