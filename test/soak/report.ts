export const writeReport = (): void => {}
