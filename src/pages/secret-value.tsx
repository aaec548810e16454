/** A secret on a page. Its buttons are shown only with JavaScript. */
import { CopyButton } from './parts.tsx'

interface SecretValueProps {
  /** Of the element, unique on the page. */
  readonly id: string
  /** Names the secret to screen readers, such as "the token". */
  readonly label: string
  readonly text: string
  /** Offers to hide it. */
  readonly hideable?: boolean
}

export function SecretValue({ id, label, text, hideable }: SecretValueProps) {
  return (
    <div class="secret">
      <code id={id}>{text}</code>
      <CopyButton of={id} label={label} />
      {hideable && (
        <button type="button" class="quiet" data-hides={id} hidden>
          Hide
        </button>
      )}
    </div>
  )
}
