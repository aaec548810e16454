/** Pages that continue by themselves (`Refresh`, or an allowed script), or with one button. */
import { Form } from './form.tsx'
import { renderLayout, safeHref } from './layout.tsx'

export interface InterstitialPageProps {
  readonly href: string
  /** Where it goes, in a word or two. */
  readonly name: string
}

export function interstitialPage({ href, name }: InterstitialPageProps): string {
  return renderLayout({
    title: `Redirecting to ${name}`,
    children: (
      <div class="card">
        <h1>Redirecting to {name}</h1>
        <p>If nothing happens, select Continue.</p>
        <a class="button" href={safeHref(href)}>
          Continue
        </a>
      </div>
    ),
  })
}

export interface RequestFormPageProps {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

/** For upstreams that require a form_post. */
export function requestFormPage({ action, fields }: RequestFormPageProps): string {
  return renderLayout({
    title: 'One more step',
    submits: true,
    children: (
      <div class="card">
        <h1>One more step</h1>
        <p>Select Continue to go to your identity provider.</p>
        <Form target={{ action, hidden: fields }}>
          <button type="submit">Continue</button>
        </Form>
      </div>
    ),
  })
}

export interface FormPostRelayPageProps {
  /** A path of ours. */
  readonly action: string
  /** Names may repeat, as they came. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** Posts an upstream's response to ourselves again, from our own origin and with our cookies. */
export function formPostRelayPage({ action, fields }: FormPostRelayPageProps): string {
  return renderLayout({
    title: 'Signing you in',
    submits: true,
    children: (
      <div class="card">
        <h1>Signing you in</h1>
        <p>If nothing happens, select Continue.</p>
        <Form target={{ action, hidden: {} }}>
          {fields.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <button type="submit">Continue</button>
        </Form>
      </div>
    ),
  })
}

export interface FormPostPageProps extends RequestFormPageProps {
  /** Where it goes, in a word or two. */
  readonly name: string
}

/** Takes an app's answer to it, as a form. */
export function formPostPage({ action, fields, name }: FormPostPageProps): string {
  return renderLayout({
    title: `Redirecting to ${name}`,
    submits: true,
    children: (
      <div class="card">
        <h1>Redirecting to {name}</h1>
        <p>If nothing happens, select Continue.</p>
        <Form target={{ action, hidden: fields }}>
          <button type="submit">Continue</button>
        </Form>
      </div>
    ),
  })
}
