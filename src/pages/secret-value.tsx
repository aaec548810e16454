/** A secret on a page. Its buttons are shown only with JavaScript. */

interface SecretValueProps {
  /** Of the element, unique on the page. */
  readonly id: string
  /** Names the secret to screen readers, such as "the token". */
  readonly label: string
  readonly text: string
  /** Offers to hide it. */
  readonly hideable?: boolean
}

/** The page needs `scripts` in its layout, and `allowScripts`. */
export function SecretValue({ id, label, text, hideable }: SecretValueProps) {
  return (
    <div class="secret">
      <code id={id}>{text}</code>
      <button type="button" class="quiet" data-copies={id} aria-label={`Copy ${label}`} hidden>
        Copy
      </button>
      {hideable && (
        <button type="button" class="quiet" data-hides={id} hidden>
          Hide
        </button>
      )}
      <span class="unseen" role="status" />
    </div>
  )
}
