/**
 * A password field with a show button and, for a new password, a strength meter (scripts/page.js).
 */
import { Field, type FieldProps } from './form.tsx'

export interface PasswordFieldProps extends Omit<FieldProps, 'name' | 'autocomplete' | 'value'> {
  readonly name: 'currentPassword' | 'password'
  readonly autocomplete: 'current-password' | 'current-password webauthn' | 'new-password'
  /** Shows the strength meter: the fewest characters of a new password. */
  readonly minimumLength?: number | undefined
}

/** Password field with strength meter and show button; without scripts the field alone. */
export function PasswordField({ minimumLength, ...field }: PasswordFieldProps) {
  return (
    <div class="password">
      <Field {...field} />
      <button type="button" class="quiet" data-reveals={field.name} aria-pressed="false" hidden>
        <span>Show</span>
        <span class="unseen"> {field.label.toLowerCase()}</span>
      </button>
      {minimumLength !== undefined && (
        <div class="strength" data-strength={field.name} data-minimum={minimumLength} hidden>
          <meter min={0} max={4} low={2} high={3} optimum={4} value={0} aria-label="Password strength" />
          <p class="small" role="status" aria-live="polite" />
        </div>
      )}
    </div>
  )
}
