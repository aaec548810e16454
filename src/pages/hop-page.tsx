/** Pages that only lead on: to another site, by themselves (the shell sends `Refresh`) or by one press. */
import { Form } from './form.tsx'
import { renderLayout, safeHref } from './layout.tsx'

export interface HopPageProps {
  readonly href: string
  /** Where it goes, in a word or two. */
  readonly name: string
}

export function hopPage({ href, name }: HopPageProps): string {
  return renderLayout({
    title: `Taking you to ${name}`,
    children: (
      <div class="card">
        <h1>Taking you to {name}</h1>
        <p>This takes a moment. If nothing happens, use the button.</p>
        <a class="button" href={safeHref(href)}>
          Go on
        </a>
      </div>
    ),
  })
}

export interface PostPageProps {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

/** For upstreams that want a form posted; pressing the button is the one step we cannot take without a script. */
export function postPage({ action, fields }: PostPageProps): string {
  return renderLayout({
    title: 'One more step',
    children: (
      <div class="card">
        <h1>One more step</h1>
        <p>Press the button to go on to your sign-in provider.</p>
        <Form target={{ action, hidden: fields }}>
          <button type="submit">Go on</button>
        </Form>
      </div>
    ),
  })
}
