/**
 * The parts of our emails. Each has two forms, HTML and plain text, so that one tree gives both.
 * Styles are inline since many email programs drop stylesheets; classes are for dark mode only.
 */
import { type ComponentChildren, createContext, Fragment, isValidElement, type VNode } from 'preact'

/** The tenant's color, dark enough for white text. */
export const BrandColor = createContext('#1f4fd8')

type Block<Props> = ((props: Props) => VNode) & { readonly text: (props: Props) => string }

function block<Props>(html: (props: Props) => VNode, text: (props: Props) => string): Block<Props> {
  return Object.assign(html, { text })
}

interface Inside {
  readonly children: ComponentChildren
}

export const font = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif'
const textStyle = `margin:0 0 16px;${font};font-size:16px;line-height:24px;color:#1f2328`
const smallStyle = `margin:0 0 16px;${font};font-size:14px;line-height:20px;color:#59636e;overflow-wrap:anywhere`

export const Paragraph = block<Inside>(
  ({ children }) => (
    <p class="text" style={textStyle}>
      {children}
    </p>
  ),
  ({ children }) => plainText(children),
)

export const SmallPrint = block<Inside>(
  ({ children }) => (
    <p class="small" style={smallStyle}>
      {children}
    </p>
  ),
  ({ children }) => plainText(children),
)

/** A list without an order. */
export const List = block<{ readonly items: readonly string[] }>(
  ({ items }) => (
    <ul class="text" style={`${textStyle};padding-left:24px`}>
      {items.map((item) => (
        <li style="overflow-wrap:anywhere">{item}</li>
      ))}
    </ul>
  ),
  ({ items }) => items.map((item) => `- ${item}`).join('\n'),
)

/** Facts of an event, a name and a value a line. Undefined values are left out. */
export const Facts = block<{ readonly rows: Readonly<Record<string, string | undefined>> }>(
  ({ rows }) => (
    <p class="text" style={`${textStyle};overflow-wrap:anywhere`}>
      {present(rows).map(([name, value], at) => (
        <>
          {at > 0 && <br />}
          <strong>{name}:</strong> {value}
        </>
      ))}
    </p>
  ),
  ({ rows }) =>
    present(rows)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
)

function present(rows: Readonly<Record<string, string | undefined>>): readonly (readonly [string, string])[] {
  return Object.entries(rows).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}

/** A code to type or paste. */
export const Code = block<{ readonly code: string }>(
  ({ code }) => (
    <p
      class="code"
      style="margin:0 0 16px;padding:12px 16px;border-radius:6px;background:#f0f3f6;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:24px;line-height:32px;color:#1f2328;overflow-wrap:anywhere"
    >
      {code}
    </p>
  ),
  ({ code }) => code,
)

interface ButtonLinkProps {
  readonly link: string
  readonly label: string
}

/** A link as a button, and its address for programs that show none. */
export const ButtonLink = block<ButtonLinkProps>(
  ({ link, label }) => {
    const address = webAddress(link)
    return (
      <>
        <BrandColor.Consumer>
          {(color) => (
            <table role="presentation" cellspacing="0" cellpadding="0" style="margin:0 0 16px">
              <tr>
                <td class="button" style={`border-radius:6px;background:${color};border:1px solid ${color}`}>
                  <a
                    href={address}
                    style={`display:inline-block;padding:10px 18px;${font};font-size:16px;line-height:24px;font-weight:600;color:#ffffff;text-decoration:none`}
                  >
                    {label}
                  </a>
                </td>
              </tr>
            </table>
          )}
        </BrandColor.Consumer>
        <SmallPrint>
          Or copy this address: <span>{address}</span>
        </SmallPrint>
      </>
    )
  },
  ({ link, label }) => `${label}:\n${webAddress(link)}`,
)

/** Throws for anything but a web address, such as `javascript:`. */
function webAddress(link: string): string {
  if (!URL.canParse(link) || !/^https?:$/.test(new URL(link).protocol))
    throw new Error('an email links to web addresses only')
  return new URL(link).href
}

/** The tree as plain text, an empty line between blocks. Takes no components that use hooks. */
export function plainText(tree: ComponentChildren): string {
  return blocksOf(tree).join('\n\n')
}

function blocksOf(tree: ComponentChildren): readonly string[] {
  const found: string[] = []
  let inline = ''
  const endLine = () => {
    if (inline.trim() !== '') found.push(inline.trim())
    inline = ''
  }
  const walk = (node: ComponentChildren): void => {
    if (Array.isArray(node)) return node.forEach(walk)
    if (typeof node === 'string' || typeof node === 'number') inline += String(node)
    if (!isValidElement(node)) return
    const { type, props } = node
    if (isBlock(type)) {
      endLine()
      found.push(type.text(props))
    } else if (typeof type === 'string' || type === Fragment) walk(props.children)
    else throw new Error('an email is made of blocks and elements')
  }
  walk(tree)
  endLine()
  return found
}

function isBlock(type: unknown): type is Block<unknown> {
  return typeof type === 'function' && 'text' in type
}
