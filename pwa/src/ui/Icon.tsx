/** The line icons of the app, drawn on a grid of 24; each is decoration, the name is on its button. */

const PATHS = {
  back: 'M15 5l-7 7 7 7',
  undo: 'M9 14L4.5 9.5 9 5M5 9.5h9a5 5 0 0 1 0 10h-3',
  redo: 'M15 14l4.5-4.5L15 5M19 9.5h-9a5 5 0 0 0 0 10h3',
  compile: 'M4.5 12.5l4.8 4.8L19.5 7',
  train: 'M8 5.5v13l10.5-6.5z',
  add: 'M12 5v14M5 12h14',
  more: 'M12 6v.01M12 12v.01M12 18v.01',
  edit: 'M5 19l1-4L16.5 4.5l3 3L9 18zM14.5 6.5l3 3',
  connect: 'M9 6.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM21 17.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM6 9.5v3a5 5 0 0 0 5 5h4',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  fold: 'M6 15l6-6 6 6',
  unfold: 'M6 9l6 6 6-6',
  less: 'M15 6l-6 6 6 6',
  greater: 'M9 6l6 6-6 6',
  enter: 'M14 5h5v14h-5M4 12h10M10.5 8l4 4-4 4',
  search: 'M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0zM15.5 15.5L20 20',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  duplicate: 'M8.5 8.5h11v11h-11zM4.5 15.5v-11h11M14 11.5v5M11.5 14h5',
  bin: 'M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13',
  tidy: 'M9 4h6v5H9zM4 15h6v5H4zM14 15h6v5h-6zM12 9v3M7 15v-3h10v3',
  design: 'M9 3.5h6v5H9zM9 15.5h6v5H9zM12 8.5v7',
  code: 'M8.5 7L4 12l4.5 5M15.5 7L20 12l-4.5 5',
  chart: 'M4 19.5h16M5 15.5l4.5-5 4 3L19 6',
  stop: 'M6.5 6.5h11v11h-11z',
  pause: 'M9 6v12M15 6v12',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  settings: 'M4 8h9M17 8h3M4 16h3M11 16h9M17 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM11 16a2 2 0 1 1-4 0 2 2 0 0 1 4 0z',
  grid: 'M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM13.5 13.5h6v6h-6z',
  alert: 'M12 8v5M12 16.5v.01M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z',
  offline: 'M4 4l16 16M8.5 16a5 5 0 0 1 6.5-.5M5 12.5a9.5 9.5 0 0 1 4-2.3M19 12.5a9.5 9.5 0 0 0-5.5-2.6M12 19.5v.01',
  history: 'M4.5 12a7.5 7.5 0 1 0 2.3-5.4L4.5 9M4.5 4.5V9H9M12 8v4.5l3 2',
  play: 'M4.5 4.5h15v15h-15zM12 4.5v15M4.5 12h15',
  arrow_left: 'M19 12H5M11 6l-6 6 6 6',
  arrow_right: 'M5 12h14M13 6l6 6-6 6',
  restart: 'M19.5 12a7.5 7.5 0 1 1-2.3-5.4L19.5 9M19.5 4.5V9H15',
  step_forward: 'M6 6l9 6-9 6zM18.5 6v12',
  step_back: 'M18 6l-9 6 9 6zM5.5 6v12',
  share: 'M12 15V4M7.5 8.5L12 4l4.5 4.5M5 13v7h14v-7',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0z',
  phone: 'M7.5 3.5h9v17h-9zM11 17.5h2',
  card: 'M5 4h14v16H5zM8 15.5v-3M12 15.5v-6M16 15.5V11M8 7h4',
  help: 'M9.2 9.2a2.9 2.9 0 1 1 4.2 2.6c-.9.5-1.4 1.1-1.4 2.2M12 17.2v.01M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 18.5a2 2 0 0 0 4 0M12 3.5V5',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
