/** Pages of one sentence and one button; some continue by themselves (`Refresh`, or a script). */

import { Form } from './form.tsx'
import { renderCard, type SignedIn } from './layout.tsx'
import { LinkButton } from './parts.tsx'

export interface MessagePageProps {
  readonly title: string
  readonly text: string
  readonly href: string
  readonly label: string
  readonly signedIn?: SignedIn | undefined
}

export function messagePage({ title, text, href, label, signedIn }: MessagePageProps): string {
  return renderCard({
    title,
    signedIn,
    children: (
      <>
        <p>{text}</p>
        <LinkButton href={href} label={label} />
      </>
    ),
  })
}

const continueText = 'If nothing happens, select Continue.'

/** @param name where it goes, in a word or two */
export function redirectPage(href: string, name: string): string {
  return messagePage({ title: `Redirecting to ${name}`, text: continueText, href, label: 'Continue' })
}

export interface SubmittedFormPageProps {
  readonly title: string
  readonly text?: string
  readonly action: string
  /** Names may repeat. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** A form that a script submits at once: the answer of a login, or the request of one. */
export function submittedFormPage({ title, text = continueText, action, fields }: SubmittedFormPageProps): string {
  return renderCard({
    title,
    submits: true,
    children: (
      <>
        <p>{text}</p>
        <Form action={action}>
          {fields.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <button type="submit">Continue</button>
        </Form>
      </>
    ),
  })
}
