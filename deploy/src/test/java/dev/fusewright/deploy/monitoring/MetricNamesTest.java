/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.deploy.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.core.testing.UsesFlink;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.ExternalTool.Answer;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.deploy.support.Yaml;
import dev.fusewright.pipeline.cli.Fusewright;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts and dashboard ask for what there is: a real run is watched, and its names compared. */
@UsesFlink
@UsesProcesses
class MetricNamesTest {
  private static final Path MONITORING = Project.DEPLOY.resolve("kubernetes/monitoring");

  private static final String COUNTED = "flink_taskmanager_job_task_operator_fusewright_";

  /** Of kube-state-metrics, the kubelet and cAdvisor, as their documentations name them. */
  private static final Set<String> OF_KUBERNETES =
      Set.of(
          "kube_job_status_failed",
          "kube_cronjob_status_last_successful_time",
          "kube_pod_container_resource_limits",
          "kubelet_volume_stats_available_bytes",
          "kubelet_volume_stats_capacity_bytes",
          "container_memory_working_set_bytes",
          "container_fs_usage_bytes");

  private static final Pattern METRIC =
      Pattern.compile("\\b(flink|kube|kubelet|container)_[A-Za-z0-9_:]+");

  @TempDir private static Path folder;

  @BeforeAll
  static void a_run_is_watched() throws IOException {
    Path models = Project.HOME.resolve("src/models");
    Path catalogue =
        Files.writeString(
            folder.resolve("catalogue.jsonl"),
            """
            {"id": "a", "uri": "%1$s/mlp_bn.onnx"}
            {"id": "b", "uri": "%1$s/nothing_to_fuse.onnx"}
            {"id": "c", "uri": "%1$s/no_such_model.onnx"}
            """
                .formatted(models));
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        execution.batch.adaptive.auto-parallelism.enabled: false
        metrics.reporters: names
        metrics.reporter.names.factory.class: %s
        """
            .formatted(NamesReporterFactory.class.getName()));

    int code =
        Fusewright.commandLine()
            .setOut(new PrintWriter(Writer.nullWriter()))
            .setErr(new PrintWriter(Writer.nullWriter()))
            .execute(
                "run",
                "--quiet",
                "--verify=site",
                "--catalogue=" + catalogue,
                "--output=" + folder.resolve("out"),
                "--flinkConfDir=" + folder,
                "--parallelism=2");

    assertThat(code).as("one of three models is missing").isEqualTo(2);
  }

  @Test
  void our_counters_have_the_names_that_the_guide_tells() {
    assertThat(NamesReporterFactory.seen())
        .containsKeys(
            COUNTED + "fused",
            COUNTED + "nothing_to_fuse",
            COUNTED + "unchanged",
            COUNTED + "rejected",
            COUNTED + "failed",
            COUNTED + "not_tried",
            COUNTED + "bytes_in",
            COUNTED + "bytes_out",
            COUNTED + "bytes_done");
  }

  @Test
  void our_counters_count_each_model_once() throws IOException {
    Path models = Project.HOME.resolve("src/models");
    long read =
        Files.size(models.resolve("mlp_bn.onnx"))
            + Files.size(models.resolve("nothing_to_fuse.onnx"));

    assertThat(NamesReporterFactory.counted())
        .containsEntry(COUNTED + "fused", 1L)
        .containsEntry(COUNTED + "nothing_to_fuse", 1L)
        .containsEntry(COUNTED + "failed", 1L)
        .containsEntry(COUNTED + "unchanged", 0L)
        .containsEntry(COUNTED + "bytes_in", read)
        .containsEntry(COUNTED + "bytes_done", read);
  }

  @Test
  void every_metric_of_the_alerts_exists() {
    assertThat(metrics(alerts())).isNotEmpty().allMatch(MetricNamesTest::exists);
  }

  @Test
  void every_metric_of_the_dashboard_exists() throws IOException {
    assertThat(metrics(dashboard())).isNotEmpty().allMatch(MetricNamesTest::exists);
  }

  @Test
  void every_metric_of_the_guide_exists() {
    String guide =
        Project.text(Project.HOME.resolve("src/docs/operations/README.md"))
            .replaceAll("`" + COUNTED + "…`", "");

    assertThat(metrics(List.of(guide))).isNotEmpty().allMatch(MetricNamesTest::exists);
  }

  @Test
  void a_metric_that_was_renamed_would_be_noticed() {
    assertThat(metrics(List.of("sum(" + COUNTED + "fusd)"))).noneMatch(MetricNamesTest::exists);
  }

  @Test
  void every_outcome_is_drawn() throws IOException {
    assertThat(metrics(dashboard()))
        .contains(Stream.of(Outcome.values()).map(MetricNamesTest::counter).toArray(String[]::new));
  }

  @Test
  void what_is_summed_by_a_label_has_that_label() {
    Pattern byJob = Pattern.compile("by \\(job_name\\) \\((\\w+)\\)");
    List<String> summed =
        alerts().stream()
            .flatMap(expression -> byJob.matcher(expression).results())
            .map(match -> match.group(1))
            .toList();

    assertThat(summed)
        .isNotEmpty()
        .allSatisfy(
            metric -> assertThat(NamesReporterFactory.seen().get(metric)).contains("job_name"));
  }

  @Test
  void every_expression_is_promql() throws IOException {
    Answer answer =
        promql(
            Stream.concat(
                    alerts().stream(),
                    dashboard().stream().filter(text -> !text.startsWith("label_values")))
                .toList());

    assertThat(answer.code()).as(answer.out()).isZero();
  }

  @Test
  void what_is_no_promql_would_be_noticed() throws IOException {
    assertThat(promql(List.of("sum by (job_name)) (x)")).code()).isEqualTo(1);
  }

  private static Answer promql(List<String> expressions) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("expressions"),
            expressions.stream()
                .map(text -> text.replace("$run", ".+").replace('\n', ' '))
                .collect(Collectors.joining("\n")));
    String script = Path.of("src/test/resources/monitoring/promql.py").toAbsolutePath().toString();
    return ExternalTool.linter("python").run(folder, Map.of(), List.of(script), file);
  }

  private static boolean exists(String metric) {
    return NamesReporterFactory.seen().containsKey(metric) || OF_KUBERNETES.contains(metric);
  }

  private static String counter(Outcome outcome) {
    return COUNTED + outcome.name().toLowerCase(Locale.ROOT);
  }

  private static Set<String> metrics(List<String> expressions) {
    return expressions.stream()
        .flatMap(text -> METRIC.matcher(text).results())
        .map(MatchResult::group)
        .collect(Collectors.toSet());
  }

  private static List<String> alerts() {
    return texts(Yaml.document(Project.text(MONITORING.resolve("alerts.yaml"))), "expr");
  }

  private static List<String> dashboard() throws IOException {
    JsonNode dashboard =
        new ObjectMapper().readTree(Project.text(MONITORING.resolve("dashboard.json")));
    return Stream.of("expr", "query").flatMap(field -> texts(dashboard, field).stream()).toList();
  }

  private static List<String> texts(JsonNode node, String field) {
    return node.findValues(field).stream()
        .flatMap(value -> Stream.of(value, value.path(field)))
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText)
        .filter(text -> !text.equals("prometheus"))
        .toList();
  }
}
