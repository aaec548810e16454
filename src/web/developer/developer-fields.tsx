/** Fields of the portal's forms, with hints and faults. */
import { Time } from '../../pages/time.tsx'

export interface PageFault {
  readonly field: string
  readonly message: string
}

/** What the fields of a form show: what was typed or chosen, and what is wrong with it. */
export interface FormState {
  readonly values: Readonly<Record<string, string | readonly string[]>>
  readonly faults: readonly PageFault[]
}

interface FieldProps extends FormState {
  readonly name: string
  readonly label: string
  readonly hint?: string | undefined
}

function partsOf({ name, hint, faults }: FieldProps) {
  const own = faults.filter(({ field }) => field === name)
  const describedBy = [hint !== undefined && `${name}-hint`, own.length > 0 && `${name}-fault`].filter(Boolean)
  return {
    describedBy: describedBy.length === 0 ? undefined : describedBy.join(' '),
    invalid: own.length > 0 ? true : undefined,
    messages: (
      <>
        {hint !== undefined && (
          <p class="hint" id={`${name}-hint`}>
            {hint}
          </p>
        )}
        <FaultList faults={own} id={`${name}-fault`} />
      </>
    ),
  }
}

interface FaultListProps {
  readonly faults: readonly PageFault[]
  readonly id?: string
}

export function FaultList({ faults, id }: FaultListProps) {
  return faults.length === 0 ? null : (
    <ul class="fault" id={id}>
      {faults.map(({ message }) => (
        <li key={message}>{message}</li>
      ))}
    </ul>
  )
}

interface TextFieldProps extends FieldProps {
  readonly required?: boolean
  /** For text of several lines. */
  readonly rows?: number
}

export function TextField(props: TextFieldProps) {
  const { name, label, values, required, rows } = props
  const { describedBy, invalid, messages } = partsOf(props)
  const aria = { 'aria-describedby': describedBy, 'aria-invalid': invalid }
  const shared = { id: name, name, spellcheck: false, autocomplete: 'off' }
  const value = String(values[name] ?? '')
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {rows === undefined ? (
        <input type="text" {...shared} value={value} required={required} {...aria} />
      ) : (
        <textarea {...shared} rows={rows} {...aria}>
          {value}
        </textarea>
      )}
      {messages}
    </div>
  )
}

export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string | undefined
}

interface ChoicesFieldProps extends FieldProps {
  readonly type: 'radio' | 'checkbox'
  readonly choices: readonly Choice[]
}

export function ChoicesField(props: ChoicesFieldProps) {
  const { name, label, type, choices, values } = props
  const { describedBy, messages } = partsOf(props)
  return (
    <fieldset aria-describedby={describedBy}>
      <legend>{label}</legend>
      {choices.map(({ value, label, hint }) => (
        <label key={value} class="choice">
          <input type={type} name={name} value={value} checked={[values[name]].flat().includes(value)} />
          <span>
            {label}
            {hint !== undefined && <span class="hint"> {hint}</span>}
          </span>
        </label>
      ))}
      {messages}
    </fieldset>
  )
}

/** Above a rejected form; screen readers announce it. */
export function FaultsSummary({ faults }: { readonly faults: readonly PageFault[] }) {
  return faults.length === 0 ? null : (
    <div class="message error" role="alert">
      <p>
        <strong>Please fix {faults.length === 1 ? '1 error' : `${faults.length} errors`} below.</strong>
      </p>
      <p>Nothing was saved.</p>
    </div>
  )
}

interface LastUsedProps {
  readonly at: Date | undefined
  readonly now: Date
}

export function LastUsed({ at, now }: LastUsedProps) {
  if (at === undefined) return <>Not used yet</>
  return (
    <>
      Last used <Time at={at} now={now} />
    </>
  )
}
