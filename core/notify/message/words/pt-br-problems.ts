import { isCode, type Code } from '../../../lib/errors.ts';
import { alarmOf } from '../alarm.ts';
import type { Alarm, Explanation, MessageWords } from './words.ts';

type Texts = { readonly reason: string; readonly advice: (database: string) => string };

const READ_LOG = 'leia o log desse horário';

// Errors are English everywhere else, so these say by meaning what each code stands for. The
// message of the error follows as a detail that can be searched for.
const BY_CODE: Readonly<Record<Code, Texts>> = {
  internal: {
    reason: 'Ocorreu um erro inesperado, ou a execução foi interrompida sem deixar resultado.',
    advice: (database) =>
      `Confira no log se faltou memória ou tempo e execute \`lifeboat backup ${database}\` de novo.`,
  },
  usage: {
    reason: 'O comando foi chamado de forma inválida.',
    advice: () => 'Corrija a chamada; `lifeboat --help` mostra as opções.',
  },
  config_invalid: {
    reason: 'A configuração tem um erro.',
    advice: () => 'Execute `lifeboat doctor` e corrija o que ele apontar.',
  },
  source_unreachable: {
    reason: 'O Lifeboat não conseguiu acessar a origem do banco de dados.',
    advice: (database) =>
      `Confira se o servidor está no ar, se a rede chega até ele e se as credenciais valem; depois, execute \`lifeboat backup ${database}\`.`,
  },
  source_busy: {
    reason: 'O banco de dados ficou bloqueado por outro processo durante toda a tentativa.',
    advice: (database) =>
      `Descubra o que mantém o banco bloqueado e execute \`lifeboat backup ${database}\` de novo.`,
  },
  source_invalid: {
    reason: 'A origem não é um banco de dados SQLite válido, ou o arquivo está danificado.',
    advice: (database) =>
      `Confira o caminho da origem. Se o arquivo estiver danificado, restaure o último backup bom: \`lifeboat restore ${database} --to ${database}.restored.sqlite3\`.`,
  },
  source_empty: {
    reason: 'O banco de dados está vazio.',
    advice: (database) =>
      `Confira o caminho da origem. Se o banco foi esvaziado por engano, restaure o último backup bom: \`lifeboat restore ${database} --to ${database}.restored.sqlite3\`.`,
  },
  source_unhealthy: {
    reason: 'O banco de dados, ou a aplicação que o usa, não passou nas verificações.',
    advice: (database) =>
      `Veja com \`lifeboat list ${database} --all\` o que falhou e corrija o banco ou a aplicação.`,
  },
  source_suspicious: {
    reason: 'O banco de dados encolheu muito desde o último backup.',
    advice: () => 'Examine o banco antes que qualquer processo grave nele outra vez.',
  },
  hook_failed: {
    reason: 'O comando configurado para antes do backup (`hooks.before`) falhou.',
    advice: (database) =>
      `Execute o comando à mão, corrija a causa e execute \`lifeboat backup ${database}\` de novo.`,
  },
  not_found: {
    reason: 'O banco de dados ou o backup pedido não existe.',
    advice: () => 'Execute `lifeboat status` para ver os bancos e seus backups.',
  },
  backup_damaged: {
    reason: 'Um backup armazenado está incompleto ou foi alterado.',
    advice: (database) =>
      `Faça um backup completo agora: \`lifeboat backup ${database} --kind full\`. Veja o que foi danificado: \`lifeboat verify ${database} --read-data\`.`,
  },
  backup_forged: {
    reason: 'A assinatura de um backup não confere: alguém sem a chave o gravou ou alterou.',
    advice: () =>
      'Não restaure esse backup antes de saber quem o gravou. Confira também a LIFEBOAT_KEY.',
  },
  restore_test_failed: {
    reason: 'Um backup não passou no teste de restauração.',
    advice: (database) =>
      `Faça um backup completo (\`lifeboat backup ${database} --kind full\`) e teste-o: \`lifeboat restore-test ${database}\`.`,
  },
  store_unreachable: {
    reason: 'O destino dos backups não respondeu.',
    advice: (database) =>
      `Confira a rede e se o destino está no ar; depois, execute \`lifeboat backup ${database}\`.`,
  },
  store_denied: {
    reason: 'O destino dos backups recusou o acesso.',
    advice: () => 'Confira as permissões do usuário ou da conta de serviço: `lifeboat doctor`.',
  },
  insufficient_space: {
    reason: 'Falta espaço em disco ou memória.',
    advice: () => 'Libere espaço ou aumente o limite; `space.reserve` define a reserva.',
  },
  deadline: {
    reason: 'A execução não terminou dentro do prazo.',
    advice: (database) =>
      `Descubra no log qual etapa demorou, aumente o prazo se for preciso e execute \`lifeboat backup ${database}\`.`,
  },
  key_missing: {
    reason: 'Falta a chave de criptografia.',
    advice: () => 'Defina a variável que a mensagem de erro indica; `lifeboat doctor` confere.',
  },
  key_wrong: {
    reason: 'A chave de criptografia não é a correta.',
    advice: () => 'Use a chave com que os backups foram feitos; `lifeboat doctor` confere.',
  },
  stale: {
    reason: 'Algo que deveria estar em dia está atrasado.',
    advice: (database) => `Execute \`lifeboat status ${database}\` e ${READ_LOG}.`,
  },
  notify_failed: {
    reason: 'Um canal de notificação recusou uma mensagem.',
    advice: () => 'Execute `lifeboat notify-test`.',
  },
  interrupted: {
    reason: 'A execução foi interrompida.',
    advice: (database) => `Execute \`lifeboat backup ${database}\` de novo.`,
  },
};

const BY_ALARM: Readonly<Partial<Record<Alarm, Texts>>> = {
  bucket: {
    reason: 'Uma configuração do bucket é diferente da esperada.',
    advice: () =>
      'Aplique o Terraform de infra/ para corrigi-la, ou use o gcloud como mostra docs/setup.md.',
  },
  clock: {
    reason: 'A data de um backup está no futuro.',
    advice: () =>
      'Acerte o relógio da máquina que faz os backups e o da que os monitora (`timedatectl`).',
  },
  configuration: {
    reason: 'O lifeboat.yaml não tem nenhum banco de dados.',
    advice: () => 'Inclua os bancos de dados no lifeboat.yaml.',
  },
  holds: {
    reason: 'Há backups recentes sem proteção, ou antigos que nunca expiram.',
    advice: (database) =>
      `Execute \`lifeboat backup ${database}\` para corrigir a proteção e descubra quem a alterou.`,
  },
  inspection: {
    reason: 'A inspeção do último backup não terminou.',
    advice: (database) =>
      `Dê mais tempo (inspection.timeout) ou memória à inspeção; \`lifeboat restore-test ${database}\` verifica esse backup.`,
  },
  key: {
    reason: 'O monitoramento não tem a chave que autentica os backups.',
    advice: () =>
      'Defina LIFEBOAT_KEY onde o monitoramento roda, com o mesmo valor usado nos backups; no Google Cloud, aplique o Terraform.',
  },
  objects: BY_CODE.backup_damaged,
  place: {
    reason: 'O backup precisa de mais memória ou tempo do que tem o lugar onde ele roda.',
    advice: (database) =>
      `Defina \`run: job\` para ${database} no lifeboat.yaml e aplique o Terraform da implantação.`,
  },
  'restore-test': BY_CODE.restore_test_failed,
  'restore-test-overdue': {
    reason: 'O teste de restauração não rodou no horário previsto.',
    advice: (database) =>
      `Execute \`lifeboat restore-test ${database}\`, confira se o agendamento está pausado e ${READ_LOG}.`,
  },
  run: {
    reason: 'A execução foi encerrada à força, ou faltou memória ou tempo.',
    advice: () => `Para saber a causa, ${READ_LOG}; depois, aumente o limite que faltou.`,
  },
  salvage: {
    reason: 'O banco de dados não passa na inspeção; só há cópias de salvamento novas.',
    advice: (database) =>
      `Veja com \`lifeboat list ${database} --all\` o que falhou; depois, repare o banco ou restaure o último backup bom.`,
  },
  schedule: {
    reason: 'Um job do Cloud Scheduler não está como a configuração pede.',
    advice: () =>
      'Reative o job no Cloud Scheduler ou aplique o Terraform; se o job estiver certo, corrija o lifeboat.yaml.',
  },
  store: {
    reason: 'O destino dos backups não pôde ser lido.',
    advice: () => 'Confira a rede e as permissões: `lifeboat doctor`.',
  },
  unconfigured: {
    reason: 'Há backups agendados de um banco de dados que não está no lifeboat.yaml.',
    advice: () =>
      'Inclua o banco de novo no lifeboat.yaml, ou deixe os backups expirarem com `lifeboat retire`.',
  },
};

const BY_KIND: Readonly<Partial<Record<string, Texts>>> = {
  late: {
    reason: 'O último backup é mais antigo do que o agendamento e a tolerância permitem.',
    advice: (database) =>
      `Execute \`lifeboat backup ${database}\`, confira se o agendamento está pausado e ${READ_LOG}.`,
  },
  missing: {
    reason: 'Não existe nenhum backup verificado.',
    advice: (database) =>
      `Execute \`lifeboat backup ${database}\` agora. Se havia backups, descubra quem os excluiu: um bucket guarda objetos excluídos por 7 dias.`,
  },
  'copy-failing': {
    reason: 'Uma cópia dos backups não pôde ser atualizada.',
    advice: (database) =>
      `Confira se o destino da cópia está acessível e tem espaço; o próximo \`lifeboat backup ${database}\` copia o que falta.`,
  },
  'hook-failing': {
    reason: 'O comando configurado para depois do backup (`hooks.after`) falhou.',
    advice: () =>
      'Execute o comando à mão e corrija a causa. Se ele reativa um serviço, confira se o serviço está no ar.',
  },
  'space-low': BY_CODE.insufficient_space,
};

/** What a code stands for. */
export function reasonOfCode(code: Code): string {
  return BY_CODE[code].reason;
}

/** Reason and advice in Portuguese, for a problem whose own texts are English. */
export const explainInPortuguese: NonNullable<MessageWords['explain']> = (
  problem,
  { kind, database },
): Explanation => {
  const alarm = alarmOf(kind, problem);
  const texts =
    (alarm === undefined ? BY_KIND[kind] : BY_ALARM[alarm]) ??
    BY_CODE[isCode(problem.code) ? problem.code : 'internal'];
  return { reason: texts.reason, advice: texts.advice(database) };
};
