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
package dev.fusewright.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.deploy.support.Project;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is applied to a cluster: of the right form, consistent in itself, and modest. */
class ManifestsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "base",
        "components/pod-identity",
        "overlays/another-zoo",
        "overlays/aws",
        "overlays/minio"
      })
  void every_object_is_what_its_kind_has_and_nothing_else(String folder) {
    assertThat(render(folder)).isNotEmpty().allSatisfy(Models::read);
  }

  @Test
  void a_misspelt_field_is_caught() {
    ObjectNode job = one(render("base"), "CronJob");
    job.withObject("/spec").put("concurencyPolicy", "Forbid");

    assertThatThrownBy(() -> Models.read(job)).hasMessageContaining("concurencyPolicy");
  }

  @Test
  void a_misspelt_field_deep_inside_is_caught() {
    ObjectNode job = one(render("base"), "CronJob");
    ((ObjectNode) job.at("/spec/jobTemplate/spec/template/spec/containers/0/securityContext"))
        .put("readOnlyRootFileSystem", true);

    assertThatThrownBy(() -> Models.read(job)).hasMessageContaining("readOnlyRootFileSystem");
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "overlays/aws", "overlays/minio"})
  void every_object_is_in_the_namespace(String folder) {
    assertThat(models(folder))
        .allSatisfy(
            object -> assertThat(object.getMetadata().getNamespace()).isEqualTo("fusewright"));
  }

  @Test
  void two_zoos_share_no_object_and_no_label_of_runs() {
    List<ObjectNode> one = render("base");
    List<ObjectNode> other = render("overlays/another-zoo");
    assertThat(ids(other)).hasSameSizeAs(ids(one)).doesNotContainAnyElementsOf(ids(one));
    assertThat(zoo(other)).isEqualTo("imaging").isNotEqualTo(zoo(one));
    // What the launcher mounts and runs as is its own zoo's.
    JsonNode pod = one(other, "CronJob").at("/spec/jobTemplate/spec/template/spec");
    assertThat(pod.path("serviceAccountName").asText()).isEqualTo("fusewright-launcher-imaging");
    assertThat(pod.path("volumes").findValuesAsText("claimName"))
        .containsExactly("fusewright-archive-imaging");
    String account =
        RunManifest.of("overlays/another-zoo").deployment().at("/spec/serviceAccount").asText();
    assertThat(account).isEqualTo("fusewright-job-imaging");
    assertThat(names(models("overlays/another-zoo"), "ServiceAccount")).contains(account);
  }

  private static List<String> ids(List<ObjectNode> objects) {
    return objects.stream()
        .map(object -> object.path("kind").asText() + "/" + object.at("/metadata/name").asText())
        .toList();
  }

  private static String zoo(List<ObjectNode> objects) {
    return one(objects, "CronJob")
        .at("/spec/jobTemplate/spec/template/metadata/labels")
        .path("app.kubernetes.io/instance")
        .asText();
  }

  @Test
  void pods_are_not_moved_for_the_sake_of_a_fuller_node() {
    String annotation = "cluster-autoscaler.kubernetes.io/safe-to-evict";
    assertThat(
            one(render("base"), "CronJob")
                .at("/spec/jobTemplate/spec/template/metadata/annotations")
                .path(annotation)
                .asText())
        .isEqualTo("false");
    JsonNode template = RunManifest.of("base").deployment().at("/spec/podTemplate/metadata");
    assertThat(template.path("annotations").path(annotation).asText()).isEqualTo("false");
    PodDisruptionBudget budget = of(PodDisruptionBudget.class).get(0);
    assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
    budget
        .getSpec()
        .getSelector()
        .getMatchLabels()
        .forEach(
            (label, value) ->
                assertThat(template.path("labels").path(label).asText()).isEqualTo(value));
  }

  @Test
  void one_run_at_a_time_and_an_end_to_each() {
    CronJob job = of(CronJob.class).get(0);
    JobSpec run = job.getSpec().getJobTemplate().getSpec();

    assertThat(job.getSpec().getConcurrencyPolicy()).isEqualTo("Forbid");
    assertThat(run.getActiveDeadlineSeconds()).isPositive();
    assertThat(job.getSpec().getSchedule().split(" ", -1)).hasSize(5);
    // Archiving needs time after the deadline.
    assertThat(launcher().getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(100);
  }

  @Test
  void what_no_second_try_can_mend_is_not_tried_again() {
    JobSpec run = of(CronJob.class).get(0).getSpec().getJobTemplate().getSpec();
    var exits = run.getPodFailurePolicy().getRules().get(0).getOnExitCodes();

    // The contract's codes: wrong usage, and models that were rejected or failed.
    assertThat(exits.getValues()).containsExactly(1, 2);
    assertThat(launcher().getContainers())
        .extracting(Container::getName)
        .contains(exits.getContainerName());
    assertThat(launcher().getRestartPolicy()).isEqualTo("Never");
  }

  @Test
  void what_the_launcher_mounts_exists() {
    List<HasMetadata> objects = models("base");
    for (Volume volume : launcher().getVolumes()) {
      if (volume.getConfigMap() != null) {
        assertThat(names(objects, "ConfigMap")).contains(volume.getConfigMap().getName());
      } else if (volume.getPersistentVolumeClaim() != null) {
        assertThat(names(objects, "PersistentVolumeClaim"))
            .contains(volume.getPersistentVolumeClaim().getClaimName());
      } else {
        assertThat(volume.getEmptyDir().getSizeLimit()).as(volume.getName()).isNotNull();
      }
    }
    assertThat(launcher().getContainers().get(0).getVolumeMounts())
        .allSatisfy(
            mount ->
                assertThat(launcher().getVolumes())
                    .extracting(Volume::getName)
                    .contains(mount.getName()));
  }

  @Test
  void the_launcher_reads_files_that_the_config_map_has() {
    String script = Project.text(Project.DEPLOY.resolve("kubernetes/base/launch"));
    JsonNode data = RunManifest.data(render("base"));

    assertThat(List.of("deployment.yaml", "patch.yaml", "options"))
        .allSatisfy(file -> assertThat(script).contains("$configuration/" + file))
        .allSatisfy(file -> assertThat(data.has(file)).as(file).isTrue());
    assertThat(data).hasSize(3);
  }

  @Test
  void an_overlay_changes_only_files_that_the_base_has() {
    for (String overlay : List.of("overlays/another-zoo", "overlays/aws", "overlays/minio")) {
      assertThat(RunManifest.data(render(overlay))).as(overlay).hasSize(3);
    }
  }

  @Test
  void the_launcher_is_confined() {
    PodSpec pod = launcher();
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(pod.getContainers())
        .allSatisfy(
            container -> {
              assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
              assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
              assertThat(container.getSecurityContext().getCapabilities().getDrop())
                  .containsExactly("ALL");
              assertThat(container.getResources().getLimits()).containsKeys("memory");
              assertThat(container.getEnvFrom()).extracting(EnvFromSource::getSecretRef).isEmpty();
            });
  }

  @Test
  void every_account_has_one_role_and_every_binding_both_ends() {
    List<String> roles = of(Role.class).stream().map(role -> role.getMetadata().getName()).toList();
    List<String> accounts =
        of(ServiceAccount.class).stream().map(account -> account.getMetadata().getName()).toList();

    assertThat(of(RoleBinding.class))
        .allSatisfy(
            binding -> {
              assertThat(roles).contains(binding.getRoleRef().getName());
              assertThat(binding.getSubjects())
                  .singleElement()
                  .satisfies(
                      subject -> {
                        assertThat(accounts).contains(subject.getName());
                        assertThat(subject.getNamespace()).isEqualTo("fusewright");
                      });
            });
    assertThat(of(RoleBinding.class)).hasSameSizeAs(accounts);
    assertThat(accounts).contains(launcher().getServiceAccountName());
  }

  @Test
  void no_role_may_do_everything_or_read_secrets() {
    List<PolicyRule> rules =
        of(Role.class).stream().flatMap(role -> role.getRules().stream()).toList();

    assertThat(rules)
        .isNotEmpty()
        .allSatisfy(
            rule ->
                assertThat(
                        Stream.of(rule.getApiGroups(), rule.getResources(), rule.getVerbs())
                            .flatMap(List::stream))
                    .doesNotContain("*", "secrets", "pods/exec", "escalate", "impersonate"));
  }

  @Test
  void what_the_launcher_asks_of_kubernetes_is_what_it_may() {
    String script = Project.text(Project.DEPLOY.resolve("kubernetes/base/launch"));
    Role role =
        of(Role.class).stream()
            .filter(each -> each.getMetadata().getName().equals("fusewright-launcher"))
            .findFirst()
            .orElseThrow();

    assertThat(script.lines().filter(line -> line.contains("kube ")))
        .isNotEmpty()
        .allMatch(line -> line.matches(".*kube (get|create|delete|logs) .*"));
    assertThat(verbs(role, "flinkdeployments"))
        .contains("create", "get", "list", "watch", "delete");
    assertThat(verbs(role, "pods")).contains("get", "list").doesNotContain("delete", "create");
    assertThat(verbs(role, "pods/log")).containsExactly("get");
    assertThat(verbs(role, "events")).contains("list");
  }

  @Test
  void nothing_reaches_a_run_but_itself_the_operator_and_prometheus() {
    NetworkPolicy policy =
        of(NetworkPolicy.class).stream()
            .filter(each -> each.getMetadata().getName().equals("fusewright-run"))
            .findFirst()
            .orElseThrow();

    assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
    assertThat(policy.getSpec().getIngress())
        .hasSize(3)
        .allSatisfy(rule -> assertThat(rule.getFrom()).isNotEmpty());
    assertThat(policy.getSpec().getEgress())
        .allSatisfy(rule -> assertThat(rule.getTo().size() + rule.getPorts().size()).isPositive());
  }

  private static List<String> verbs(Role role, String resource) {
    return role.getRules().stream()
        .filter(rule -> rule.getResources().contains(resource))
        .flatMap(rule -> rule.getVerbs().stream())
        .toList();
  }

  private static PodSpec launcher() {
    return of(CronJob.class).get(0).getSpec().getJobTemplate().getSpec().getTemplate().getSpec();
  }

  private static List<ObjectNode> render(String folder) {
    return Kustomization.render(Project.DEPLOY.resolve("kubernetes").resolve(folder));
  }

  private static List<HasMetadata> models(String folder) {
    return render(folder).stream().map(Models::read).toList();
  }

  private static <T extends HasMetadata> List<T> of(Class<T> kind) {
    return models("base").stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private static ObjectNode one(List<ObjectNode> objects, String kind) {
    return objects.stream()
        .filter(object -> object.path("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> names(List<HasMetadata> objects, String kind) {
    return objects.stream()
        .filter(object -> Objects.equals(object.getKind(), kind))
        .map(object -> object.getMetadata().getName())
        .toList();
  }
}
