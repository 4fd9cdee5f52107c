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
package dev.fusewright.pipeline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.pipeline.audit.AuditReport.Packing;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.SourceFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, from a disk: of 10,000 models, and of hostile ones. */
@UsesProcesses
class PageInBrowserTest {
  private static final int MODELS = 10_000;
  private static final long MOST_BYTES = 3_000_000;
  private static final String READY = "document.body.dataset.ready";
  private static final String HOSTILE = "</script><script>window.hit=1</script><img src=x>";

  @TempDir private static Path folder;
  private static Chromium chromium;
  private static Path large;
  private static Path hostile;

  @BeforeAll
  static void pages() throws Exception {
    chromium = Chromium.start(folder.resolve("profile"));
    RunFolder run =
        ExampleRun.write(
            folder,
            "large",
            sink -> {
              for (int i = 0; i < MODELS; i++) {
                sink.add(model(i));
              }
            });
    large = new AuditReport(ExampleRun.STORE, run).write(folder.resolve("audit"));
    RunFolder few =
        ExampleRun.write(
            folder,
            "hostile",
            List.of(ExampleRun.fused(HOSTILE), ExampleRun.rejected("b", HOSTILE)));
    hostile =
        new AuditReport(ExampleRun.STORE, few, Packing.ONE_FILE, null)
            .write(folder.resolve("audit"));
  }

  @AfterAll
  static void end() {
    if (chromium != null) {
      chromium.close();
    }
  }

  private static FusionReport model(int number) {
    String id = "vision/family-%02d/model-%05d".formatted(number % 40, number);
    FusionReport report =
        number % 97 == 0
            ? ExampleRun.rejected(id, "output 'y' is off by %d".formatted(number))
            : ExampleRun.fused(id);
    return FusionReport.newBuilder(report)
        .setSource(SourceFile.newBuilder(report.getSource()).setBytes(1000L + 7L * number).build())
        .build();
  }

  @Test
  void of_10_000_models_the_page_is_small_opens_soon_and_draws_fifty() throws IOException {
    Path rows = folder.resolve("audit/large.files/rows.js");
    assertThat(Files.size(large) + Files.size(rows)).isLessThan(MOST_BYTES);

    chromium.open(large.toUri(), 1280, 900, READY);

    assertThat(evaluate("document.querySelectorAll('#rows tr').length")).isEqualTo("50");
    assertThat(evaluate("document.getElementById('shown').textContent"))
        .isEqualTo("1–50 of 10,000");
    assertThat(evaluate("document.querySelector('#rows .outcome').textContent"))
        .isEqualTo("REJECTED");
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  void filter_sort_keys_and_a_model_of_ten_thousand_work() {
    chromium.open(at(large, "#models?outcome=REJECTED"), 1280, 900, READY);
    assertThat(evaluate("document.getElementById('shown').textContent"))
        .isEqualTo("1–50 of 104 (10,000 in all)");

    chromium.evaluate("document.querySelector('#filter').reset()");
    chromium.await("document.getElementById('shown').textContent === '1–50 of 10,000'");
    chromium.evaluate("document.querySelectorAll('#columns button')[5].click()");
    assertThat(evaluate("document.querySelector('#rows code, #rows .code').textContent"))
        .isEqualTo("vision/family-39/model-09999");
    assertThat(evaluate("document.querySelectorAll('#columns th')[5].getAttribute('aria-sort')"))
        .isEqualTo("descending");

    chromium.press("/");
    chromium.await("document.activeElement.name === 'q'");
    chromium.evaluate(
        "(() => { const q = document.activeElement; q.value = 'model-00042'; q.dispatchEvent(new Event('input', {bubbles: true})); q.blur(); })()");
    chromium.press("Enter");
    chromium.await(
        "document.querySelector('#detail h1')?.textContent === 'vision/family-02/model-00042'");
    chromium.evaluate(
        "document.querySelectorAll('#detail details').forEach(d => { d.open = true; })");
    chromium.await("document.querySelectorAll('#detail details dl').length === 2");
    assertThat(evaluate("document.querySelectorAll('#detail details svg').length")).isEqualTo("1");
    assertThat(evaluate("document.querySelector('#detail').textContent"))
        .contains("0a0a0a0a", "ConvReLU2d", "'bn1' alone follows 'conv1'", "0.500 ulp");
    chromium.press("Escape");
    chromium.await("document.getElementById('detail').hidden");
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  void the_list_behind_a_finding_has_as_many_models_as_it_says() {
    chromium.open(at(large, ""), 1280, 900, READY);
    int findings = chromium.evaluate("document.querySelectorAll('.findings a').length").asInt();
    assertThat(findings).isGreaterThan(3);

    for (int i = 0; i < findings; i++) {
      String link = "document.querySelectorAll('.findings a')[%d]".formatted(i);
      String count = evaluate(link + ".textContent").replace(" models", "");
      chromium.evaluate(link + ".click()");
      chromium.await("location.hash === " + link + ".hash");
      chromium.await(
          "document.getElementById('shown').textContent.startsWith('1–50 of %s')".formatted(count));
    }
  }

  @Test
  void nothing_is_clipped_at_three_widths() {
    for (int width : new int[] {390, 1280, 1920}) {
      chromium.open(at(large, ""), width, 900, READY);
      assertThat(evaluate("document.documentElement.scrollWidth <= innerWidth"))
          .as("width %d", width)
          .isEqualTo("true");
    }
    chromium.open(at(large, ""), 1280, 900, READY);
    assertThat(
            evaluate(
                "[...document.querySelectorAll('.scroll')].every(s => s.scrollWidth <= s.clientWidth)"))
        .isEqualTo("true");
  }

  @Test
  void hostile_names_run_nothing_and_are_seen_as_they_are() {
    chromium.open(at(hostile, "#model-0"), 1280, 900, "!document.getElementById('detail').hidden");

    assertThat(evaluate("document.querySelector('#detail h1').textContent")).isEqualTo(HOSTILE);
    assertThat(evaluate("String(window.hit) + document.querySelectorAll('img').length"))
        .isEqualTo("undefined0");
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  void axe_finds_nothing_serious_in_light_and_dark() throws IOException {
    Axe axe = Axe.load();
    for (String colours : List.of("light", "dark")) {
      chromium.prefer(colours);
      chromium.open(at(large, ""), 1280, 900, READY);
      assertThat(axe.violations(chromium)).as("models, %s", colours).isEmpty();

      chromium.open(at(hostile, "#model-0"), 390, 900, "!document.getElementById('detail').hidden");
      chromium.evaluate(
          "document.querySelectorAll('#detail details').forEach(d => { d.open = true; })");
      chromium.await("document.querySelectorAll('#detail details dl').length > 0");
      assertThat(axe.violations(chromium)).as("a model, %s", colours).isEmpty();
    }
    chromium.prefer("light");
  }

  @Test
  void axe_does_find_what_is_serious() throws IOException {
    chromium.open(at(hostile, ""), 1280, 900, READY);
    chromium.evaluate(
        "Object.assign(document.querySelector('h1').style, {color: '#ccc', background: '#fff'})");
    chromium.evaluate("document.body.append(document.createElement('img'))");
    List<String> violations = Axe.load().violations(chromium);
    chromium.open(URI.create("about:blank"), 1280, 900, "location.href === 'about:blank'");

    assertThat(violations)
        .hasSize(2)
        .anyMatch(found -> found.startsWith("serious color-contrast: <h1"))
        .anyMatch(found -> found.startsWith("critical image-alt: <img"));
  }

  private static URI at(Path page, String place) {
    return URI.create(page.toUri() + place);
  }

  private static String evaluate(String expression) {
    return chromium.evaluate(expression).asText();
  }
}
