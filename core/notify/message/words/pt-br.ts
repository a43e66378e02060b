import type { Words } from './words.ts';

function count(number: number): string {
  return number === 1 ? '1 banco' : `${number} bancos`;
}

export const ptBr: Words = {
  locale: 'pt-BR',
  intl: 'pt-BR',
  title: {
    failed: (name) => `${name}: o backup falhou`,
    'still-failing': (name) => `${name}: o backup continua falhando`,
    guard: (name) => `${name}: backup recusado pela proteção`,
    late: (name) => `${name}: backup atrasado`,
    missing: (name) => `${name}: não há nenhum backup`,
    'copy-failing': (name) => `${name}: a cópia do backup falhou`,
    'space-low': (name) => `${name}: pouco espaço livre`,
    'watch-alarm': (name) => `${name}: alerta do monitoramento`,
    recovered: (name) => `${name}: voltou a funcionar`,
    'restore-test-passed': () => 'Teste de restauração aprovado',
    'restore-test-failed': () => 'Teste de restauração reprovado',
    sample: () => 'Esta é uma notificação de teste',
  },
  lead: {
    failed: 'A última execução não gerou backup. Os backups anteriores continuam intactos.',
    'still-failing':
      'O problema continua desde o primeiro aviso. Até ser resolvido, nenhum backup novo será feito.',
    guard:
      'O novo snapshot perdeu boa parte do que há no último backup e, por isso, foi recusado. O último backup bom continua sendo o mais recente.',
    late: 'Um backup agendado não chegou a tempo.',
    missing:
      'Este banco de dados está configurado para ter backup, mas não há nenhum backup verificado dele.',
    'copy-failing': 'O backup foi feito e verificado, mas uma das cópias dele não foi concluída.',
    'space-low':
      'Os backups ainda funcionam, mas o espaço livre está abaixo da reserva configurada.',
    'watch-alarm':
      'Algo em torno dos backups não está como deveria. Os backups existentes não foram afetados.',
    recovered: 'O problema avisado anteriormente foi resolvido.',
    'restore-test-passed':
      'Os backups foram restaurados em um local temporário e isolado e conferidos.',
    'restore-test-failed':
      'Os backups foram restaurados em um local temporário e isolado e conferidos. Nem todos passaram.',
    sample: 'Se você está lendo isto, este canal funciona. Nada falhou e não há nada a fazer.',
  },
  advice: {
    failed: [],
    'still-failing': [],
    guard: [
      'Se a perda é intencional, execute `lifeboat backup` uma vez com `--accept`. Se não for, restaure o último backup bom.',
    ],
    late: [
      'Confira se o agendamento não está pausado e se o servidor ou a função está em execução; depois, execute `lifeboat backup` manualmente.',
    ],
    missing: ['Execute `lifeboat backup` manualmente e veja o resultado.'],
    'copy-failing': [],
    'space-low': [],
    'watch-alarm': [],
    recovered: [],
    'restore-test-passed': [],
    'restore-test-failed': [
      'Execute `lifeboat verify --read-data` em cada banco reprovado e, em seguida, faça um backup completo dele.',
    ],
    sample: [],
  },
  label: {
    database: 'Banco de dados',
    step: 'Etapa que falhou',
    check: 'Verificação',
    why: 'Motivo',
    code: 'Código',
    at: 'Quando',
    since: 'Desde',
    failedSince: 'Falhava desde',
    lastGood: 'Último backup bom',
    run: 'Execução',
    whatToDo: 'O que fazer',
    openLog: 'Abrir o log desta execução',
    result: 'Resultado',
    backup: 'Backup',
    took: 'Duração',
    reason: 'Motivo',
    passed: 'aprovado',
    failed: 'reprovado',
    failedBefore: 'O que havia falhado',
  },
  tone: { bad: 'Falha', warn: 'Atenção', good: 'Tudo certo', info: 'Teste' },
  noGoodBackup: 'nenhum',
  flapping:
    'O backup falha e volta a funcionar repetidamente. Novas recuperações só serão avisadas após um dia sem oscilações.',
  ago: (duration) => `há ${duration}`,
  lessThanAMinute: 'menos de um minuto',
  tested: (passed, total) =>
    `${passed} de ${count(total)} ${passed === 1 ? 'passou' : 'passaram'} no teste.`,
  more: (number) => `e mais ${count(number)}`,
  sentBy: (tool) => `Enviado por ${tool}`,
};
