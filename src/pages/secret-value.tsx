/** A secret on a page. Its own buttons are shown only with JavaScript. */
import type { ComponentChildren } from 'preact'
import { CopyButton } from './parts.tsx'

interface SecretValueProps {
  /** ID of the element, unique on the page. */
  readonly id: string
  /** Names the secret to screen readers, such as "the token". */
  readonly label: string
  readonly text: string
  /** Offers to hide it. */
  readonly hideable?: boolean
  /** More buttons. */
  readonly children?: ComponentChildren
}

export function SecretValue({ id, label, text, hideable, children }: SecretValueProps) {
  return (
    <div class="secret">
      <code id={id}>{text}</code>
      <div class="actions">
        <CopyButton of={id} label={label} />
        {hideable && (
          <button type="button" class="quiet" data-hides={id} hidden>
            Hide
          </button>
        )}
        {children}
      </div>
    </div>
  )
}
