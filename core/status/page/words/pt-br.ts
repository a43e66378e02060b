import type { Words } from './words.ts';

function databases(count: number): string {
  return count === 1 ? '1 banco' : `${count} bancos`;
}
function counted(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

export const ptBr: Words = {
  locale: 'pt-BR',
  intl: 'pt-BR',
  lessThanAMinute: 'menos de um minuto',
  condition: {
    good: 'Em dia',
    attention: 'Atenção',
    late: 'Atrasado',
    missing: 'Sem backup',
    failing: 'Falhando',
  },
  are: {
    good: (subject, count) => `${subject} ${count === 1 ? 'está' : 'estão'} em dia`,
    attention: (subject, count) => `${subject} ${count === 1 ? 'precisa' : 'precisam'} de atenção`,
    late: (subject, count) => `${subject} ${count === 1 ? 'está atrasado' : 'estão atrasados'}`,
    missing: (subject, count) => `${subject} ${count === 1 ? 'está' : 'estão'} sem backup`,
    failing: (subject, count) => `${subject} ${count === 1 ? 'está' : 'estão'} falhando`,
  },
  databases,
  reason: {
    'backup-failed': 'O último backup falhou.',
    'restore-test-failed': 'O último teste de restauração foi reprovado.',
    missing: 'Não há nenhum backup verificado dele.',
    late: 'Um backup agendado não chegou a tempo.',
    inconclusive: 'O backup mais recente não pôde ser avaliado por completo.',
    'restore-test-overdue': 'Faz muito tempo que nenhum teste de restauração é aprovado.',
    'schedule-paused': 'O agendamento dele está pausado.',
    'not-configured': 'Há backups dele, mas ele não está na configuração.',
  },
  kind: { full: 'completo', incremental: 'incremental' },
  verdict: { ok: 'verificado', inconclusive: 'inconclusivo', failed: 'reprovado' },
  tone: { good: 'bem-sucedida', warn: 'inconclusiva', bad: 'com falha' },
  operation: { backup: 'Backup', 'restore-test': 'Teste de restauração' },
  from: { 'cloud-scheduler': 'o Cloud Scheduler', configuration: 'a configuração' },
  overview: {
    nothing: 'Nenhum banco de dados está configurado.',
    nothingHint: 'Inclua um em `databases` no lifeboat.yaml e ele aparecerá aqui.',
    good: (subject, count) =>
      count === 1
        ? `${subject} está com o backup em dia.`
        : `Todos os ${count} bancos estão com o backup em dia.`,
    rest: (count) => (count === 1 ? 'O outro está em dia.' : `Os outros ${count} estão em dia.`),
    tested: (passed, total) =>
      `${passed} de ${databases(total)} ${passed < 2 ? 'passou' : 'passaram'} no último teste de restauração.`,
    testedAll: (count) =>
      count === 1
        ? 'Passou no último teste de restauração.'
        : 'Todos passaram no último teste de restauração.',
    untested: 'Ainda não houve nenhum teste de restauração.',
    list: 'Bancos de dados',
    filter: 'Filtrar pelo nome',
    apply: 'Filtrar',
    showAll: 'Mostrar todos',
    matching: (shown, total) => `${shown} de ${databases(total)}`,
    noMatch: (filter) => `Nenhum banco tem “${filter}” no nome.`,
  },
  label: {
    skip: 'Ir para o conteúdo',
    asOf: 'Em',
    store: 'Repositório',
    lastBackup: 'Último backup',
    lastFailure: 'Última falha',
    restoreTest: 'Teste de restauração',
    nextBackup: 'Próximo backup',
    wasDue: 'Backup estava previsto',
    kept: 'Guardados',
    size: 'Tamanho',
    duration: 'Duração',
    whatToDo: 'O que fazer',
    noBackup: 'Nenhum ainda',
    noTest: 'Nenhum ainda',
    noNext: 'Sem agendamento',
    passed: 'aprovado',
    failed: 'reprovado',
    legend: 'Cada barra é uma execução, a mais recente à direita:',
    json: 'Em JSON',
    metrics: 'Métricas',
    step: 'etapa',
    held: 'retido',
    back: 'Todos os bancos',
  },
  backups: (count) => counted(count, 'backup', 'backups'),
  stored: (size) => `${size} armazenados`,
  until: (date) => `até ${date}`,
  restoredIn: (took) => `restaurado em ${took}`,
  by: (who) => `segundo ${who}`,
  runs: (count) => counted(count, 'execução', 'execuções'),
  strip: (total, { good, warn, bad }) =>
    `${total === 1 ? 'Última execução' : `Últimas ${total} execuções`}: ${counted(good, 'bem-sucedida', 'bem-sucedidas')}` +
    `${warn > 0 ? `, ${counted(warn, 'inconclusiva', 'inconclusivas')}` : ''}${bad > 0 ? `, ${bad} com falha` : ''}`,
  notGood: (count) => (count === 0 ? 'todas bem-sucedidas' : `${count} com problema`),
  trend: (label, from, to, count) =>
    `${label}: de ${from} a ${to} em ${counted(count, 'backup', 'backups')}`,
  allRuns: (name) => `Todas as execuções de ${name}`,
  page: {
    runs: 'Execuções',
    noRuns: 'Nada foi executado ainda.',
    olderRuns: (count) => counted(count, 'execução anterior', 'execuções anteriores'),
    size: 'Tamanho do banco de dados',
    stored: 'Armazenado por backup',
    tooFew: 'O gráfico aparece a partir do segundo backup.',
    inTable: 'Os números estão na lista de backups.',
    rows: 'Linhas por tabela',
    rowsOf: (count) => `${count} linhas`,
    moreTables: (count) => `e mais ${counted(count, 'tabela menor', 'tabelas menores')}`,
    same: 'sem mudança',
    backups: 'Backups',
    backupsHint:
      'Cada cadeia é um backup completo e os incrementais que dependem dele. Qualquer um é restaurado com um só comando.',
    chainOf: (date) => `Cadeia de ${date}`,
    increments: (count) => counted(count, 'incremental', 'incrementais'),
    hangsOn: (id) => `diferença em relação a ${id}`,
    baseElsewhere: 'O backup completo destes incrementais é anterior a esta lista.',
    restore: 'Restaurar',
    restoreNewest: 'Restaurar o backup mais recente',
    restoreOf: (id) => `Restaurar ${id}`,
    olderBackups: (count) => counted(count, 'backup anterior', 'backups anteriores'),
    restoreTests: 'Testes de restauração',
    testOf: (date, size) => `do backup de ${date}, ${size}`,
    manifest: 'Manifesto',
    manifestOf: 'Manifesto do backup mais recente',
  },
  error: {
    notFound: 'Esta página não existe.',
    other: 'A situação não pode ser mostrada agora.',
    code: 'Código',
  },
};
