import type { PageWords } from './words.ts';

const ERROR_ADVICE: Readonly<Record<string, string>> = {
  not_found: 'Confira o endereço; a visão geral lista todos os bancos.',
  usage: 'Confira o endereço, ou volte à visão geral e abra a página de novo.',
  config_invalid: 'Execute `lifeboat doctor` e corrija no lifeboat.yaml o que ele apontar.',
  store_unreachable:
    'Tente de novo em instantes. Se o erro continuar, confira se o destino dos backups está no ar e se a rede chega até ele.',
  store_denied:
    'Dê ao usuário ou à conta de serviço acesso ao destino dos backups; `lifeboat doctor` mostra o que falta.',
  backup_damaged: 'Execute `lifeboat verify` para ver o que está danificado.',
  key_missing: 'Defina a variável com a chave; `lifeboat doctor` mostra qual.',
  key_wrong: 'Corrija a variável com a chave; `lifeboat doctor` mostra qual.',
};

export const pagePortuguese: PageWords = {
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
  state: {
    good: (count) => `${estar(count)} em dia`,
    attention: (count) => `${count === 1 ? 'precisa' : 'precisam'} de atenção`,
    late: (count) => (count === 1 ? 'está atrasado' : 'estão atrasados'),
    missing: (count) => `${estar(count)} sem backup`,
    failing: (count) => `${estar(count)} falhando`,
    restoreTestFailed: (count) =>
      `${count === 1 ? 'não passou' : 'não passaram'} no último teste de restauração`,
  },
  backupsFailing: (names) => `Os backups de ${names} estão falhando`,
  databases,
  reason: {
    'backup-failed': 'O último backup falhou.',
    'restore-test-failed': 'O último teste de restauração falhou.',
    'backup-damaged': 'O backup mais recente está danificado e não pode ser restaurado.',
    missing: 'Ainda não há nenhum backup.',
    late: 'Um backup agendado está atrasado.',
    inconclusive: 'O backup mais recente só pôde ser verificado em parte.',
    'backup-from-future': 'A data de um backup está no futuro: algum relógio estava errado.',
    'restore-test-overdue': 'Nenhum teste de restauração passou recentemente.',
    'schedule-paused': 'O agendamento está pausado.',
    'schedule-unknown': 'O Cloud Scheduler não respondeu; não se sabe se o agendamento está ativo.',
    'not-configured': 'Tem backups, mas não está mais no lifeboat.yaml.',
  },
  step: {
    'backup-failed': 'Faça o backup de novo:',
    'restore-test-failed':
      'Descubra o que está danificado, faça um backup completo e teste de novo:',
    'backup-damaged': 'Faça um backup completo agora e descubra o que foi danificado:',
    missing: 'Faça o primeiro backup:',
    late: 'Faça um backup e confira o agendamento que deveria tê-lo iniciado:',
    inconclusive: 'Execute um teste de restauração, que o verifica por inteiro:',
    'backup-from-future': 'Acerte o relógio da máquina que fez o backup:',
    'restore-test-overdue': 'Execute um teste de restauração:',
    'schedule-paused': 'Encontre o job pausado no Cloud Scheduler e reative-o:',
    'schedule-unknown': 'Confira a conexão e as permissões:',
    'not-configured':
      'Inclua o banco de novo no lifeboat.yaml, ou deixe os últimos backups expirarem:',
  },
  neverScheduled: 'previsto; nenhum agendamento iniciou uma execução até hoje',
  noRun: 'nenhuma execução',
  gaps: (count) => `${plural(count, 'lacuna', 'lacunas')} sem execução`,
  kind: { full: 'completo', incremental: 'incremental' },
  fault: { damaged: 'danificado', suspect: 'alterado no destino', future: 'com data no futuro' },
  verdict: { ok: 'verificado', inconclusive: 'verificado em parte', failed: 'reprovado' },
  tone: { good: 'bem-sucedida', warn: 'verificada em parte', bad: 'com falha' },
  operation: { backup: 'Backup', 'restore-test': 'Teste de restauração' },
  plannedBy: {
    'cloud-scheduler': 'pelo Cloud Scheduler',
    configuration: 'agendado no lifeboat.yaml',
  },
  runsIn: { http: 'executado pela backup-now', job: 'executado como job do Cloud Run' },
  overview: {
    empty: 'Nenhum banco de dados está configurado.',
    emptyHint: 'Inclua um em `databases` no lifeboat.yaml, e ele aparecerá aqui.',
    allBackedUp: (name, count) =>
      count === 1
        ? `O backup de ${name} está em dia.`
        : `Os backups dos ${count === 2 ? 'dois' : count} bancos estão em dia.`,
    part: (count, total) => `${count} de ${databases(total)}`,
    othersFine: (count) => `Os outros ${count} estão em dia.`,
    tested: (passed, total) =>
      passed < total
        ? `${passed} de ${databases(total)} ${passed < 2 ? 'passou' : 'passaram'} no último teste de restauração.`
        : total === 1
          ? 'Passou no último teste de restauração.'
          : 'Todos os bancos passaram no último teste de restauração.',
    untested: 'Ainda não houve nenhum teste de restauração.',
    list: 'Bancos de dados',
    filter: 'Filtrar pelo nome',
    apply: 'Filtrar',
    showAll: 'Mostrar todos',
    noMatch: (filter) =>
      filter === ''
        ? 'Nenhum banco está nesse estado.'
        : `Nenhum nome de banco contém “${filter}”.`,
    moreDatabases: (count) => `e mais ${databases(count)}`,
    pages: 'Páginas',
    previous: '← Anterior',
    next: 'Próxima →',
    pageOf: (page, pages) => `Página ${page} de ${pages}`,
  },
  label: {
    skip: 'Ir para o conteúdo',
    updated: 'Atualizado em',
    store: 'Destino dos backups',
    lastBackup: 'Último backup',
    lastFailure: 'Última falha',
    restoreTest: 'Teste de restauração',
    nextBackup: 'Próximo backup',
    overdue: 'Deveria ter rodado',
    kept: 'Mantidos',
    size: 'Tamanho',
    duration: 'Duração',
    whatToDo: 'O que fazer',
    noBackup: 'Nenhum ainda',
    noTest: 'Nenhum ainda',
    noNext: 'Sem agendamento',
    passed: 'aprovado',
    failed: 'reprovado',
    legend: 'Execuções ao longo do tempo, agora à direita:',
    json: 'JSON',
    metrics: 'Métricas',
    wall: 'Painel de parede',
    list: 'Lista',
    now: 'agora',
    backUpNow: 'Fazer backup agora',
    howToRestore: 'Como restaurar (em inglês)',
    step: 'etapa',
    held: 'protegido',
    back: 'Todos os bancos',
  },
  backups: (count) => plural(count, 'backup', 'backups'),
  stored: (size) => `${size} salvos`,
  until: (date) => `até ${date}`,
  restoredIn: (duration) => `restaurado em ${duration}`,
  runs: (count) => plural(count, 'execução', 'execuções'),
  strip: (total, { good, warn, bad }) =>
    `${total === 1 ? 'Última execução' : `Últimas ${total} execuções`}: ${plural(good, 'bem-sucedida', 'bem-sucedidas')}` +
    `${warn > 0 ? `, ${plural(warn, 'verificada em parte', 'verificadas em parte')}` : ''}${bad > 0 ? `, ${bad} com falha` : ''}`,
  problems: (count) =>
    count === 0 ? 'sem problemas' : `${count} com ${count === 1 ? 'problema' : 'problemas'}`,
  trend: (label, from, to, count) =>
    `${label}: de ${from} a ${to} em ${plural(count, 'backup', 'backups')}`,
  allRuns: (name) => `Todas as execuções de ${name}`,
  page: {
    runs: 'Execuções',
    noRuns: 'Nenhuma execução ainda.',
    olderRuns: (count) => plural(count, 'execução anterior', 'execuções anteriores'),
    size: 'Tamanho do banco de dados',
    stored: 'Espaço usado por backup',
    tooFew: 'O gráfico aparece depois do segundo backup.',
    numbersInList: 'Os números estão na lista de backups.',
    rows: 'Linhas por tabela',
    rowsOf: (count) => `${count} linhas`,
    moreTables: (count) => `e mais ${plural(count, 'tabela menor', 'tabelas menores')}`,
    unchanged: 'sem mudança',
    backups: 'Backups',
    backupsHint:
      'Uma cadeia é um backup completo e os incrementais baseados nele. Qualquer backup é restaurado com um só comando.',
    chainOf: (date) => `Cadeia de ${date}`,
    incrementals: (count) => plural(count, 'incremental', 'incrementais'),
    basedOn: (id) => `baseado em ${id}`,
    baseNotListed: 'O backup completo destes incrementais é antigo demais para esta lista.',
    restore: 'Restaurar',
    restoreLatest: 'Restaurar o backup mais recente',
    restoreOf: (id) => `Restaurar ${id}`,
    olderBackups: (count) => plural(count, 'backup anterior', 'backups anteriores'),
    restoreTests: 'Testes de restauração',
    testOf: (date, size) => `backup de ${date}, ${size}`,
    manifest: 'Manifesto',
    manifestOf: 'Manifesto do backup mais recente',
    range: (first, last, highest) => `${first} → ${last}, no máximo ${highest}`,
    findBackup: 'Encontrar um backup pela data',
    onDate: 'O estado no fim do dia',
    find: 'Encontrar',
    foundBackup: (date) => `O último backup até o fim de ${date}:`,
    noBackupBefore: (date) => `Não há nenhum backup de ${date} nem de antes.`,
    isRunning: 'Um backup deste banco está em andamento. Esta página recarrega até ele terminar.',
    stopFirst: 'Pare a aplicação antes de restaurar por cima do banco dela.',
  },
  error: {
    notFound: 'Página não encontrada.',
    noDatabase: (name) => `Não há nenhum banco de dados chamado “${name}”.`,
    goToOverview: 'Ir para a visão geral',
    usage: 'Há um erro neste endereço.',
    refusedForm: 'Este formulário não é mais válido.',
    refusedFormAdvice: () => 'Carregue a página do banco de novo e inicie o backup por ela.',
    other: 'O status não está disponível no momento.',
    // A code such as `constructor` is a property of every object.
    advice: (code) =>
      (Object.hasOwn(ERROR_ADVICE, code) ? ERROR_ADVICE[code] : undefined) ??
      'Veja no log do Lifeboat o que houve nesse horário.',
    code: 'Código',
  },
};

function databases(count: number): string {
  return plural(count, 'banco', 'bancos');
}

function estar(count: number): string {
  return count === 1 ? 'está' : 'estão';
}

function plural(count: number, singular: string, form: string): string {
  return `${count} ${count === 1 ? singular : form}`;
}
